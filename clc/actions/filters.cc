#include "clc/actions/filters.h"

#include <algorithm>

namespace angophora::clc {

bool any_matches(const std::vector<std::string>& patterns, const FilterValues& have) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return std::any_of(have.begin(), have.end(), [&](const std::string& value) {
      return common::glob_match(pattern, value);
    });
  });
}

Error unknown_filter(std::string_view name) {
  return {RequestErrc::bad_filter, "The filter '" + std::string(name) + "' is invalid"};
}

bool is_tag_filter(std::string_view name) {
  return name == "tag-key" || name == "tag-value" || name.starts_with("tag:");
}

FilterValues tag_values(std::string_view name, const std::map<std::string, std::string>& tags) {
  FilterValues values;
  for (const auto& [key, value] : tags) {
    if (name == "tag-key") values.push_back(key);
    if (name == "tag-value" || name == "tag:" + key) values.push_back(value);
  }
  return values;
}

}  // namespace angophora::clc
