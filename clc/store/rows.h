// Helpers that all repositories share.
#pragma once

#include <vector>

#include "common/base/time.h"
#include "common/db/database.h"

namespace angophora::clc {

using common::Error;
using common::Result;
using db::Query;
using db::Tx;

inline std::int64_t to_ms(common::SysTime time) { return time.time_since_epoch().count(); }
inline common::SysTime from_ms(std::int64_t ms) {
  return common::SysTime(std::chrono::milliseconds(ms));
}

// All rows of `q`, each made by `read(q)`.
template <class Read>
auto all_rows(Query& q, Read read) -> Result<std::vector<std::invoke_result_t<Read&, Query&>>> {
  std::vector<std::invoke_result_t<Read&, Query&>> rows;
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return rows;
    rows.push_back(read(q));
  }
}

}  // namespace angophora::clc
