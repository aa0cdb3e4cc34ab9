#include "clc/store/counters.h"

namespace angophora::clc {

db::Result<std::int64_t> Counters::value(std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT value FROM counters WHERE name=?1"));
  q.bind(1, name);
  TRY(const bool found, q.step());
  return found ? q.integer(0) : 0;
}

db::Result<std::int64_t> Counters::raise(std::string_view name) {
  TRY(auto q, tx_.prepare("INSERT INTO counters (name, value) VALUES (?1, 1) "
                          "ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 "
                          "RETURNING value"));
  q.bind(1, name);
  TRY_VOID(q.step());
  return q.integer(0);
}

}  // namespace angophora::clc
