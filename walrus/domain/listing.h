// One page of a sorted listing with prefix and delimiter, whatever is listed.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace angophora::walrus {

struct ListQuery {
  std::string prefix = {};
  std::string delimiter = {};
  std::string after_key = {};  // only what sorts behind it; a common prefix skips all below it
  std::string after_sub = {};  // with after_key: only what sorts behind (after_key, after_sub)
  std::size_t count_max = 1000;
};

// Where to go on reading: rows with (key, sub) > (this one), or >= when inclusive.
struct ListPosition {
  std::string key;
  std::string sub;
  bool inclusive = true;
};

template <class Row>
struct ListPage {
  std::vector<Row> rows;
  std::vector<std::string> prefixes;  // rolled up at the delimiter
  bool truncated = false;
  std::string next_key;  // the last thing on this page: a key or a common prefix
  std::string next_sub;
};

// The first text that sorts behind everything that begins with `prefix`; "" when there is none.
inline std::string behind_prefix(std::string prefix) {
  while (!prefix.empty()) {
    auto& last = reinterpret_cast<unsigned char&>(prefix.back());
    if (last != 0xff) {
      ++last;
      return prefix;
    }
    prefix.pop_back();
  }
  return prefix;
}

// The common prefix that `key` is rolled up into; "" when it stands for itself.
inline std::string_view rolled_up(std::string_view key, const ListQuery& query) {
  if (query.delimiter.empty()) return {};
  const auto at = key.find(query.delimiter, query.prefix.size());
  return at == std::string_view::npos ? std::string_view{}
                                      : key.substr(0, at + query.delimiter.size());
}

// `fetch(const ListPosition&, std::size_t limit)` returns Result<std::vector<Row>>, in order of
// (key, sub); fewer than `limit` rows mean the end. A Row has `key` and, found by argument lookup,
// `std::string sub_of(const Row&)`.
template <class Row, class Fetch>
common::Result<ListPage<Row>> list_page(const ListQuery& query, Fetch fetch) {
  ListPage<Row> page;
  if (query.count_max == 0) return page;
  ListPosition from{query.prefix, "", true};
  if (query.after_key >= from.key && !query.after_key.empty()) {
    from = {query.after_key, query.after_sub, false};
    if (query.after_key.starts_with(query.prefix) &&
        rolled_up(query.after_key, query) == query.after_key)
      from = {behind_prefix(query.after_key), "", true};
    if (from.key.empty()) return page;
  }
  // A page's worth and one more: most pages need one fetch.
  const std::size_t batch = query.count_max + 1;
  for (;;) {
    TRY(auto rows, fetch(std::as_const(from), batch));
    bool sought = false;
    for (auto& row : rows) {
      if (!std::string_view(row.key).starts_with(query.prefix)) return page;
      if (page.rows.size() + page.prefixes.size() == query.count_max) {
        page.truncated = true;
        return page;
      }
      if (const auto group = rolled_up(row.key, query); !group.empty()) {
        page.prefixes.emplace_back(group);
        page.next_key = page.prefixes.back();
        page.next_sub.clear();
        from = {behind_prefix(page.next_key), "", true};
        if (from.key.empty()) return page;
        sought = true;
        break;
      }
      page.next_key = row.key;
      page.next_sub = sub_of(row);
      from = {page.next_key, page.next_sub, false};
      page.rows.push_back(std::move(row));
    }
    if (!sought && rows.size() < batch) return page;
  }
}

}  // namespace angophora::walrus
