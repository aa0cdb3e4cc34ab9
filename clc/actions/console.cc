#include "clc/actions/console.h"

#include "clc/instance_services.h"

namespace angophora::clc {

// Nothing was written yet by an instance that has no node, and nothing is kept of one that ended.
Task<ConsoleOutput> read_console(Services& s, Instance instance, std::string request_id) {
  const auto* zone = s.cloud->zones.find(instance.zone);
  if (instance.node.empty() || instance.state == InstanceState::terminated) {
    ConsoleOutput nothing;
    nothing.at = instance.changed_at;
    co_return nothing;
  }
  if (!zone)
    co_return Error(common::Errc::unavailable, "zone " + instance.zone.value + " is not served");
  const auto cluster = zone->cluster;
  GuestRef guest{instance.node, instance.id, instance.placement_no};
  auto output =
      co_await s.cloud->clusters.console_output(cluster, std::move(guest), std::move(request_id));
  if (output || output.error().code != common::Errc::not_found) co_return output;
  ConsoleOutput nothing;  // the node has not got to it yet
  nothing.at = s.runtime.now();
  co_return nothing;
}

}  // namespace angophora::clc
