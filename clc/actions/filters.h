// Filters of the Describe actions. An action lists what can be filtered by:
//
//   constexpr FilterField<KeyPair> kFilters[] = {
//       {"key-name", [](const KeyPair& k) { return FilterValues{k.name}; }},
//   };
//   CO_TRY(const auto wanted, RowFilter<KeyPair>::compile(request.filters, kFilters));
//   if (wanted.matches(row)) ...
//
// A row must match every filter; a filter matches when any of its values does, with '*' and '?'
// as wildcards.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "clc/actions/bind.h"

namespace angophora::clc {

using FilterValues = std::vector<std::string>;

// Of a row that has one value, or, when it is empty, none.
inline FilterValues value_or_none(std::string_view value) {
  return value.empty() ? FilterValues{} : FilterValues{std::string(value)};
}

template <class Row>
struct FilterField {
  std::string_view name;
  FilterValues (*values)(const Row& row);
};

// True when one of `have` matches one of `patterns`.
bool any_matches(const std::vector<std::string>& patterns, const FilterValues& have);
Error unknown_filter(std::string_view name);
// Filters that every row with a member `tags` has: tag-key, tag-value, tag:KEY.
bool is_tag_filter(std::string_view name);
// What an object with these tags offers to such a filter.
FilterValues tag_values(std::string_view name, const std::map<std::string, std::string>& tags);

template <class Row>
class RowFilter {
 public:
  // RequestErrc::bad_filter names a filter that `fields` does not have.
  static Result<RowFilter> compile(Filters filters, std::span<const FilterField<Row>> fields) {
    RowFilter compiled;
    for (auto& filter : filters) {
      const FilterField<Row>* found = nullptr;
      for (const auto& field : fields)
        if (field.name == filter.name) found = &field;
      if (!found && !(kHasTags && is_tag_filter(filter.name))) return unknown_filter(filter.name);
      compiled.parts_.push_back({found, std::move(filter.name), std::move(filter.values)});
    }
    return compiled;
  }

  bool matches(const Row& row) const {
    for (const auto& part : parts_) {
      if (!any_matches(part.patterns, values_of(part, row))) return false;
    }
    return true;
  }
  bool empty() const { return parts_.empty(); }

 private:
  struct Part {
    const FilterField<Row>* field;  // none: by tag
    std::string name;
    std::vector<std::string> patterns;
  };
  static constexpr bool kHasTags = requires(const Row& row) { row.tags; };
  static FilterValues values_of(const Part& part, const Row& row) {
    if (part.field) return part.field->values(row);
    if constexpr (kHasTags) return tag_values(part.name, row.tags);
    return {};
  }
  std::vector<Part> parts_;
};

}  // namespace angophora::clc
