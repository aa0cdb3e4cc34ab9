// What happened to whom: the trail that audits and bills are made from. Appended in the transaction
// that makes it true.
#pragma once

#include "clc/domain/ids.h"
#include "clc/store/rows.h"

namespace angophora::clc {

struct Event {
  AccountId account;
  std::string kind;  // instance.pending, image.registered ...
  std::string resource_id;
  std::string detail;  // key=value pairs for people
};

struct PastEvent {
  Event event;
  common::SysTime at{};
};

class Events {
 public:
  explicit Events(Tx& tx) : tx_(tx) {}
  Result<> append(const Event& event, common::SysTime now);
  // In the order in which they happened.
  Result<std::vector<Event>> of(std::string_view resource_id);
  // The last `count` about whatever has an id that begins with `prefix`, the newest first.
  Result<std::vector<PastEvent>> latest(std::string_view prefix, std::size_t count);

 private:
  Tx& tx_;
};

// About a component of the cloud; `kind` comes after "service.".
Event service_event(std::string_view kind, const ServiceName& service, std::string detail = {});
inline constexpr std::string_view kServiceEvents = "service/";  // before the component's name

}  // namespace angophora::clc
