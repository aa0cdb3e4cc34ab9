#include "clc/store/events.h"

#include "clc/store/counters.h"

namespace angophora::clc {

Result<> Events::append(const Event& event, common::SysTime now) {
  TRY(const auto number, Counters(tx_).raise("events"));
  TRY(auto q, tx_.prepare("INSERT INTO events (event_no, at_ms, account_id, kind, resource_id, "
                          "detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  q.bind(1, number).bind(2, to_ms(now)).bind(3, event.account).bind(4, event.kind);
  q.bind(5, event.resource_id).bind(6, event.detail);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::vector<Event>> Events::of(std::string_view resource_id) {
  TRY(auto q, tx_.prepare("SELECT account_id, kind, resource_id, detail FROM events "
                          "WHERE resource_id=?1 ORDER BY event_no"));
  q.bind(1, resource_id);
  return all_rows(q, [](Query& row) {
    return Event{row.id<AccountId>(0), row.text(1), row.text(2), row.text(3)};
  });
}

Result<std::vector<PastEvent>> Events::latest(std::string_view prefix, std::size_t count) {
  // One behind all that begin so: ids are ASCII.
  const std::string behind = std::string(prefix) + "\x7f";
  TRY(auto q, tx_.prepare("SELECT account_id, kind, resource_id, detail, at_ms FROM events "
                          "WHERE resource_id>=?1 AND resource_id<?2 "
                          "ORDER BY event_no DESC LIMIT ?3"));
  q.bind(1, prefix).bind(2, behind).bind(3, count);
  return all_rows(q, [](Query& row) {
    return PastEvent{Event{row.id<AccountId>(0), row.text(1), row.text(2), row.text(3)},
                     from_ms(row.integer(4))};
  });
}

Event service_event(std::string_view kind, const ServiceName& service, std::string detail) {
  return {AccountId(), "service." + std::string(kind), std::string(kServiceEvents) + service.value,
          std::move(detail)};
}

}  // namespace angophora::clc
