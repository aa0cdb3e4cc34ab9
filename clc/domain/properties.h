// Cloud-wide values that an administrator may change while the cloud runs. Declared once here;
// values that differ from their default stand in the database and are kept in memory as well.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::clc {

inline constexpr char kPublicAddresses[] = "network.public_addresses";
inline constexpr char kPublicAtLaunch[] = "network.public_address_at_launch";

struct Property {
  const char* name;
  const char* fallback;
  const char* meaning;
  bool is_number = false;
  std::int64_t least = 0, most = INT64_MAX;
  // For text that has a shape: says what is wrong with a value. Null: any text will do.
  common::Result<> (*judge)(std::string_view value) = nullptr;
};

// The addresses in "192.0.2.53 192.0.2.54"; RequestErrc::invalid_value names what is none.
common::Result<std::vector<std::string>> parse_dns_servers(std::string_view text);

// Every property there is.
std::span<const Property> all_properties();
const Property* find_property(std::string_view name);

// The present values. I/O thread only.
class Properties {
 public:
  // Of a declared property; an undeclared name is our own mistake.
  std::string text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  // RequestErrc::invalid_value when `value` is not one that the property takes.
  static common::Result<> check(const Property& property, std::string_view value);
  // Takes over a value that was checked and is stored; nothing means the default.
  void set(std::string_view name, std::optional<std::string> value);

 private:
  std::map<std::string, std::string, std::less<>> changed_;
};

}  // namespace angophora::clc
