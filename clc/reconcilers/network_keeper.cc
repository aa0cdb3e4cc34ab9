#include "clc/reconcilers/network_keeper.h"

#include <algorithm>

#include "clc/store/network_versions.h"
#include "clc/store/registrations.h"
#include "clc/store/security_groups.h"
#include "common/crypto/digest.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
// Changes that come in a burst become one version.
constexpr auto kGather = 20ms;

NetworkRule rule_of(const SecurityGroupRule& rule) {
  return {rule.key.protocol, rule.key.from_port, rule.key.to_port, rule.key.cidr,
          rule.key.source_group};
}

Result<std::vector<NetworkGroup>> load_groups(Tx& tx, const std::set<GroupId>& ids) {
  std::vector<NetworkGroup> groups;
  for (const auto& id : ids) {
    TRY(const auto found, SecurityGroups(tx).find_any(id));
    NetworkGroup group;
    group.id = id;
    if (found) {
      group.name = found->name;
      for (const auto& rule : found->rules)
        (rule.egress ? group.egress : group.ingress).push_back(rule_of(rule));
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

// Nodes are registered under addresses; RegisterService sees to that.
Result<std::vector<NetworkNode>> load_nodes(Tx& tx) {
  TRY(const auto services, Registrations(tx).list());
  std::vector<NetworkNode> nodes;
  for (const auto& service : services) {
    const auto address = parse_address(service.host);
    if (service.type == ServiceType::node && address)
      nodes.push_back({NodeName(service.name.value), *address});
  }
  return nodes;
}

std::vector<NetworkInstance> instances_of(const InstanceTable& table) {
  std::vector<NetworkInstance> instances;
  for (const auto& [id, instance] : table.all()) {
    if (!instance.holds_resources() || instance.private_ip == 0) continue;
    NetworkInstance wire;
    wire.id = id;
    wire.account = instance.account;
    wire.mac = instance.mac;
    wire.private_ip = instance.private_ip;
    wire.public_ip = instance.public_ip;
    wire.node = instance.node;
    for (const auto& group : instance.groups) wire.groups.push_back(group.id);
    instances.push_back(std::move(wire));
  }
  return instances;
}

}  // namespace

common::awaitable<void> NetworkKeeper::run() {
  while (!shared_.runtime.stopping()) {
    const auto seen = shared_.changes.network.notified();
    const auto begin = shared_.runtime.steady_now();
    const auto built = co_await build();
    const auto took = shared_.runtime.steady_now() - begin;
    if (!built) log::warn("network.not_built", {{"reason", built.error()}});
    // Groups change rarely and tell; the limit is for what nobody told of.
    const bool told = co_await shared_.changes.network.wait(shared_.runtime, 5s, seen);
    // The whole of a large cloud's network takes its time: no more than a part of ours.
    if (told) co_await shared_.runtime.sleep_for(std::max<Duration>(kGather, 4 * took));
  }
}

Task<> NetworkKeeper::build() {
  CO_TRY_VOID(co_await shared_.table.refresh());
  auto document = std::make_shared<NetworkDocument>();
  document->network = settings_.network;
  if (settings_.dns_servers) document->dns_servers = settings_.dns_servers();
  document->dns_domain = settings_.dns_domain;
  document->region = settings_.region;
  document->instances = instances_of(shared_.table);
  const auto ids = groups_of(document->instances);
  const auto load = [&ids, document](Tx& tx) -> Result<> {
    TRY(document->groups, load_groups(tx, ids));
    TRY(document->nodes, load_nodes(tx));
    return common::ok();
  };
  CO_TRY_VOID(co_await shared_.db.read(load));
  auto compute = [document]() -> Result<std::string> {
    return crypto::sha256_hex(canonical_text(*document));
  };
  CO_TRY(const auto digest, co_await shared_.runtime.run_blocking(std::move(compute)));
  const auto version = [&digest](Tx& tx) { return NetworkVersions(tx).version_of(digest); };
  CO_TRY(document->version, co_await shared_.db.write(version));
  if (current_ && current_->version >= document->version) co_return common::ok();
  log::debug("network.built", {{"version", document->version}});
  current_ = std::move(document);
  built_.notify();
  co_return common::ok();
}

bool NetworkKeeper::needs_sending(const KnownZone& zone, const Sent& sent) const {
  if (!current_ || !zone.report) return false;
  if (sent.version != current_->version || sent.cluster_boot_id != zone.report->boot_id)
    return true;
  if (shared_.runtime.steady_now() - sent.at < shared_.times.resend_after) return false;
  for (const auto& node : zone.report->nodes)
    if (node.reachable && node.network_version < current_->version) return true;
  return false;
}

common::awaitable<void> NetworkKeeper::run_zone(ZoneName zone_name, std::shared_ptr<bool> over) {
  Sent sent;
  while (!*over && !shared_.runtime.stopping()) {
    const auto seen = built_.notified();
    const auto* zone = shared_.zones.find(zone_name);
    if (!zone) co_return;
    if (needs_sending(*zone, sent)) {
      const auto cluster = zone->cluster;
      const auto boot_id = zone->report->boot_id;
      const auto document = current_;
      auto copy = *document;
      const auto applied = co_await shared_.clusters.apply_network(cluster, std::move(copy));
      if (applied)
        sent = {document->version, boot_id, shared_.runtime.steady_now()};
      else
        log::warn("network.not_sent", {{"zone", zone_name}, {"reason", applied.error()}});
    }
    if (*over) co_return;
    co_await built_.wait(shared_.runtime, shared_.times.look_around, seen);
  }
}

}  // namespace angophora::clc
