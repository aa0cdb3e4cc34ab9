#include "cc/daemon.h"

#include "common/log/log.h"

namespace angophora::cc {
namespace {

ZoneLimits limits_of(const Config& config) {
  ZoneLimits limits;
  limits.cpu_overcommit_percent = config.cpu_overcommit_percent;
  limits.reservation_life = config.reservation_life;
  limits.silence_max = config.node_silence_max;
  return limits;
}

}  // namespace

common::Result<std::unique_ptr<Daemon>> Daemon::make(common::Runtime& runtime, const Config& config,
                                                     ServiceName name, soap::Channel& channel,
                                                     registry::RegistryTable& table) {
  TRY(auto policy, make_policy(config.placement_policy));
  return std::unique_ptr<Daemon>(
      new Daemon(runtime, config, std::move(policy), std::move(name), channel, table));
}

Daemon::Daemon(common::Runtime& runtime, const Config& config,
               std::unique_ptr<PlacementPolicy> policy, ServiceName name, soap::Channel& channel,
               registry::RegistryTable& table)
    : table_(table),
      zone_(std::move(policy), limits_of(config), [this] { zone_changed(); }),
      nodes_(runtime, channel, zone_),
      services_{runtime,
                channel,
                zone_,
                nodes_,
                std::move(name),
                ZoneName(),
                ANGOPHORA_VERSION,
                runtime.random_hex(16),
                1,
                {}} {
  serve_operations(services_, dispatcher_);
}

void Daemon::zone_changed() {
  ++services_.generation;
  services_.changed.notify();
}

void Daemon::start() {
  take_members();
  services_.runtime.spawn("follow registry", follow_registry());
}

common::awaitable<void> Daemon::follow_registry() {
  constexpr std::chrono::minutes kIdle{1};
  while (!services_.runtime.stopping()) {
    co_await table_.changed.wait(services_.runtime, kIdle);
    take_members();
  }
}

void Daemon::show_in(admin::Metrics& metrics) const {
  auto count = [this](bool NodeView::*member) {
    const auto views = zone_.nodes(services_.runtime.steady_now());
    double number = 0;
    for (const auto& view : views) number += member == nullptr || view.*member ? 1 : 0;
    return number;
  };
  metrics.gauge_of("cc_nodes", "Nodes registered in the zone.", [count] { return count(nullptr); });
  metrics.gauge_of("cc_nodes_reachable", "Nodes that answer.",
                   [count] { return count(&NodeView::reachable); });
  metrics.gauge_of("cc_nodes_ready", "Nodes that take instances.",
                   [count] { return count(&NodeView::takes_guests); });
  metrics.gauge_of("cc_reservations", "Instances on their way to a node for which room is held.",
                   [this] { return static_cast<double>(zone_.reservations()); });
}

// Without a registry that can be trusted nothing changes: the nodes are asked as before, and what
// they answer is judged by the same registry.
void Daemon::take_members() {
  const auto self = table_.find(services_.name);
  if (!self || self->zone.empty()) return;
  services_.zone_name = self->zone;
  std::vector<Member> members;
  for (const auto& node : table_.of_role(soap::Role::node, self->zone))
    members.push_back({NodeName(node.name.value), node.enabled});
  nodes_.set_members(members);
}

}  // namespace angophora::cc
