#include "clc/reconcilers/reconcilers.h"

#include "clc/store/instances.h"
#include "clc/store/registrations.h"
#include "common/log/log.h"

namespace angophora::clc {

using namespace std::chrono_literals;

Reconcilers::Reconcilers(common::Runtime& runtime, db::Database& db, ClusterClient& clusters,
                         WalrusClient& walrus, Zones& zones, Changes& changes,
                         NetworkSettings network, ReconcileTimes times)
    : table_(db),
      shared_{runtime, db, clusters, walrus, table_, zones, changes, times},
      network_(shared_, std::move(network)),
      sweeper_(shared_) {}

Task<> Reconcilers::start() {
  const auto rebuild = [](Tx& tx) -> Result<> {
    TRY_VOID(AccountUsage(tx).rebuild());
    return NodeUsage(tx).rebuild();
  };
  CO_TRY_VOID(co_await shared_.db.write(rebuild));
  CO_TRY_VOID(co_await table_.refresh());
  CO_TRY_VOID(co_await load_zones());
  shared_.runtime.spawn("follow the registry", follow_registry());
  shared_.runtime.spawn("keep the network", network_.run());
  shared_.runtime.spawn("sweep", sweeper_.run());
  co_return common::ok();
}

common::awaitable<void> Reconcilers::follow_registry() {
  while (!shared_.runtime.stopping()) {
    const auto seen = shared_.changes.registry.notified();
    const auto loaded = co_await load_zones();
    if (!loaded) log::warn("zones.not_loaded", {{"reason", loaded.error()}});
    co_await shared_.changes.registry.wait(shared_.runtime, 5s, seen);
  }
}

Task<> Reconcilers::load_zones() {
  const auto list = [](Tx& tx) { return Registrations(tx).list(); };
  CO_TRY(const auto services, co_await shared_.db.read(list));
  std::map<ZoneName, ServiceName> clusters;
  std::set<NodeName> nodes;
  for (const auto& service : services) {
    if (service.type == ServiceType::node) nodes.insert(NodeName(service.name.value));
    if (service.type == ServiceType::cluster && service.enrolled() &&
        service.wanted == WantedState::enabled)
      clusters.emplace(service.zone, service.name);
  }
  shared_.zones.set_registered(clusters, std::move(nodes));
  for (auto at = running_.begin(); at != running_.end();) {
    const auto found = clusters.find(at->first);
    const bool stays = found != clusters.end() && found->second == at->second.cluster;
    if (!stays) *at->second.over = true;
    at = stays ? std::next(at) : running_.erase(at);
  }
  for (const auto& [zone, cluster] : clusters) {
    if (running_.contains(zone)) continue;
    auto over = std::make_shared<bool>(false);
    auto loops = std::make_shared<ZoneLoops>(shared_, zone);
    running_[zone] = {cluster, over};
    shared_.runtime.spawn("watch zone " + zone.value, run_watch(loops, over));
    shared_.runtime.spawn("work on zone " + zone.value, run_work(loops, over));
    shared_.runtime.spawn("network of zone " + zone.value, network_.run_zone(zone, over));
    log::info("zone.taken_up", {{"zone", zone}, {"cluster", cluster}});
  }
  co_return common::ok();
}

common::awaitable<void> Reconcilers::run_watch(std::shared_ptr<ZoneLoops> loops,
                                               std::shared_ptr<bool> over) {
  co_await loops->watch.run(over);
}

common::awaitable<void> Reconcilers::run_work(std::shared_ptr<ZoneLoops> loops,
                                              std::shared_ptr<bool> over) {
  co_await loops->work.run(over);
}

}  // namespace angophora::clc
