// Delivery inside one process: typed values, no XML, no signatures. For tests of a daemon with
// fake neighbours, and the ground that a simulation builds its network on.
#pragma once

#include <map>
#include <string>

#include "common/runtime/runtime.h"
#include "common/soap/channel.h"
#include "common/soap/dispatcher.h"

namespace angophora::soap {

// Which dispatcher answers to which name. I/O thread only.
class LocalNetwork {
 public:
  // `dispatcher` must outlive its stay here.
  void attach(ServiceName name, Dispatcher& dispatcher);
  void detach(const ServiceName& name);
  Dispatcher* find(const ServiceName& name) const;

 private:
  std::map<ServiceName, Dispatcher*> members_;
};

// The channel of the component `self`, whose role is taken on trust.
class LocalChannel final : public Channel {
 public:
  LocalChannel(common::Runtime& runtime, LocalNetwork& network, ServiceName self, Role role);
  Task<Message> exchange(const Operation& operation, ServiceName to, Message request,
                         CallOptions options) override;

 private:
  common::Runtime& runtime_;
  LocalNetwork& network_;
  ServiceName self_;
  Role role_;
};

}  // namespace angophora::soap
