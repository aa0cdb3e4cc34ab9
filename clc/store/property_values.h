// The properties that differ from their defaults, and secrets that the cloud made for itself.
#pragma once

#include <optional>
#include <vector>

#include "clc/store/rows.h"

namespace angophora::clc {

class PropertyValues {
 public:
  explicit PropertyValues(Tx& tx) : tx_(tx) {}
  Result<std::vector<std::pair<std::string, std::string>>> list();
  Result<std::optional<std::string>> find(std::string_view name);
  // Nothing takes the row away.
  Result<> set(std::string_view name, const std::optional<std::string>& value);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
