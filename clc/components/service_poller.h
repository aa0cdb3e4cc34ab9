// Asks every enrolled component how it is, once in a while, and keeps the answers in
// ServiceStates. Nodes are not asked: what their zone's cluster controller last reported of them is
// taken over. A component that comes to another state makes an event.
//
// I/O thread only.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "clc/services.h"
#include "common/soap/channel.h"

namespace angophora::clc {

class ServicePoller {
 public:
  explicit ServicePoller(Services& services) : services_(services) {}

  // Until the daemon stops.
  common::awaitable<void> run();
  // Starts to ask all that are not being asked at the moment.
  Task<> round();

 private:
  common::awaitable<void> ask(Service service);
  void take_over_node(const Service& node);
  // Writes down who is in another state than when this was last called.
  Task<> note_states(const std::vector<Service>& all);

  Services& services_;
  std::set<ServiceName> asked_;
  std::map<ServiceName, ServiceState> last_states_;
};

}  // namespace angophora::clc
