#include "clc/store/property_values.h"

namespace angophora::clc {

Result<std::vector<std::pair<std::string, std::string>>> PropertyValues::list() {
  TRY(auto q, tx_.prepare("SELECT name, value FROM properties ORDER BY name"));
  return all_rows(q, [](Query& row) { return std::pair(row.text(0), row.text(1)); });
}

Result<std::optional<std::string>> PropertyValues::find(std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT value FROM properties WHERE name=?1"));
  TRY(const bool found, q.bind(1, name).step());
  return found ? std::optional<std::string>(q.text(0)) : std::nullopt;
}

Result<> PropertyValues::set(std::string_view name, const std::optional<std::string>& value) {
  if (!value) {
    TRY(auto q, tx_.prepare("DELETE FROM properties WHERE name=?1"));
    TRY_VOID(q.bind(1, name).run());
    return common::ok();
  }
  TRY(auto q, tx_.prepare("INSERT INTO properties (name, value) VALUES (?1,?2) "
                          "ON CONFLICT (name) DO UPDATE SET value = excluded.value"));
  TRY_VOID(q.bind(1, name).bind(2, *value).run());
  return common::ok();
}

}  // namespace angophora::clc
