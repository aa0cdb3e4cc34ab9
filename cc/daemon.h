// The cluster controller as one object, for main() with real seams and for simulations with fakes.
#pragma once

#include <memory>
#include <string>

#include "cc/clients/nodes.h"
#include "cc/config.h"
#include "cc/operations/services.h"
#include "common/admin/metrics.h"
#include "common/registry/table.h"
#include "common/soap/channel.h"
#include "common/soap/dispatcher.h"

namespace angophora::cc {

// I/O thread only. Outlives the runtime's coroutines.
class Daemon {
 public:
  // Errc::invalid_argument for a placement policy that nobody knows.
  static common::Result<std::unique_ptr<Daemon>> make(common::Runtime& runtime,
                                                      const Config& config, ServiceName name,
                                                      soap::Channel& channel,
                                                      registry::RegistryTable& table);

  // Follows the registry: the nodes of this controller's zone are asked from now on.
  void start();
  soap::Dispatcher& dispatcher() { return dispatcher_; }
  const Zone& zone() const { return zone_; }
  // Adds the figures of the zone; this outlives the readers of `metrics`.
  void show_in(admin::Metrics& metrics) const;

 private:
  Daemon(common::Runtime& runtime, const Config& config, std::unique_ptr<PlacementPolicy> policy,
         ServiceName name, soap::Channel& channel, registry::RegistryTable& table);
  common::awaitable<void> follow_registry();
  void take_members();
  void zone_changed();

  registry::RegistryTable& table_;
  Zone zone_;
  Nodes nodes_;
  Services services_;
  soap::Dispatcher dispatcher_;
};

}  // namespace angophora::cc
