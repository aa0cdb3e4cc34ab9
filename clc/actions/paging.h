// MaxResults and NextToken. Rows have a unique key each and are listed in the order of keys; a
// token says "after this key", is sealed, and is good for the action and account that got it only.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "clc/actions/bind.h"
#include "clc/domain/caller.h"

namespace angophora::clc {

struct PageLimits {
  std::int64_t least = 5;    // of MaxResults
  std::int64_t most = 1000;  // of MaxResults
  const char* size_name = "MaxResults";
  const char* token_name = "NextToken";
};

// Where a page begins and how long it may get.
struct PageStart {
  std::string after;  // rows with a greater key; "" is the beginning
  std::size_t limit = SIZE_MAX;
};

class PageSealer {
 public:
  explicit PageSealer(std::string secret) : secret_(std::move(secret)) {}

  // RequestErrc::invalid_value or bad_next_token.
  Result<PageStart> open(const Paging& paging, const Caller& caller, std::string_view action,
                         PageLimits limits = {}) const;
  std::string seal(const Caller& caller, std::string_view action, std::string_view last_key) const;

 private:
  std::string mac(const Caller& caller, std::string_view action, std::string_view key) const;
  std::string secret_;
};

// Cuts `rows` (any order) to the page: keeps those after `start.after`, at most `start.limit`, in
// the order of `key(row)`. Returns the key of the last row when more follow, else "".
template <class Row, class Key>
std::string cut_page(std::vector<Row>& rows, const PageStart& start, Key key) {
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return key(a) < key(b); });
  if (!start.after.empty())
    std::erase_if(rows, [&](const Row& row) { return std::string(key(row)) <= start.after; });
  if (rows.size() <= start.limit) return {};
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(start.limit), rows.end());
  return std::string(key(rows.back()));
}

}  // namespace angophora::clc
