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

#include <span>
#include <string>
#include <vector>

#include "clc/actions/bind.h"

namespace angophora::clc {

using FilterValues = std::vector<std::string>;

template <class Row>
struct FilterField {
  std::string_view name;
  FilterValues (*values)(const Row& row);
};

// True when one of `have` matches one of `patterns`.
bool any_matches(const std::vector<std::string>& patterns, const FilterValues& have);
Error unknown_filter(std::string_view name);
// Filters that every taggable object has: tag-key, tag-value, tag:KEY.
bool is_tag_filter(std::string_view name);

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
      if (!found && !is_tag_filter(filter.name)) return unknown_filter(filter.name);
      compiled.parts_.push_back({found, std::move(filter.values)});
    }
    return compiled;
  }

  bool matches(const Row& row) const {
    for (const auto& part : parts_) {
      if (!part.field) return false;  // by tag: objects carry none yet, so none can match
      if (!any_matches(part.patterns, part.field->values(row))) return false;
    }
    return true;
  }
  bool empty() const { return parts_.empty(); }

 private:
  struct Part {
    const FilterField<Row>* field;
    std::vector<std::string> patterns;
  };
  std::vector<Part> parts_;
};

}  // namespace angophora::clc
