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

class Events {
 public:
  explicit Events(Tx& tx) : tx_(tx) {}
  Result<> append(const Event& event, common::SysTime now);
  // In the order in which they happened.
  Result<std::vector<Event>> of(std::string_view resource_id);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
