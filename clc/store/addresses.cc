#include <algorithm>

#include "clc/domain/instance_errors.h"
#include "clc/store/counters.h"
#include "clc/store/instances.h"

namespace angophora::clc {
namespace {

constexpr char kAddressCursor[] = "address_cursor";
constexpr int kQuickTries = 64;

}  // namespace

Result<bool> Addresses::insert(std::uint32_t address, const std::string& mac,
                               const InstanceId& instance) {
  TRY(auto q, tx_.prepare("INSERT INTO private_addresses (address, mac, instance_id) "
                          "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING address"));
  q.bind(1, address).bind(2, mac).bind(3, instance);
  return q.step();
}

// Takes the next one after the last that was given, so that an address rests before it is used
// again; in a crowded network the lowest that is free.
Result<std::optional<std::uint32_t>> Addresses::find_free(const InstanceNetwork& network) {
  const std::int64_t usable = network.last() - network.first() + 1;
  for (int i = 0; i < kQuickTries; ++i) {
    TRY(const auto turn, Counters(tx_).raise(kAddressCursor));
    const auto address = network.first() + static_cast<std::uint32_t>((turn - 1) % usable);
    TRY(auto q, tx_.prepare("SELECT 1 FROM private_addresses WHERE address=?1"));
    q.bind(1, address);
    TRY(const bool taken, q.step());
    if (!taken) return std::optional(address);
  }
  TRY(auto q,
      tx_.prepare("SELECT min(candidate) FROM (SELECT ?1 AS candidate UNION ALL "
                  "SELECT address+1 FROM private_addresses WHERE address>=?1 AND address<?2) c "
                  "WHERE NOT EXISTS (SELECT 1 FROM private_addresses a "
                  "WHERE a.address=c.candidate)"));
  q.bind(1, network.first()).bind(2, network.last());
  TRY(const bool found, q.step());
  if (!found || q.is_null(0)) return std::optional<std::uint32_t>();
  return std::optional(static_cast<std::uint32_t>(q.integer(0)));
}

Result<Addresses::Taken> Addresses::take(const InstanceNetwork& network, const InstanceId& instance,
                                         std::span<const std::string> mac_candidates) {
  TRY(const auto address, find_free(network));
  if (!address)
    return Error(InstanceErrc::no_free_address,
                 "There are no free addresses left in the network " + network.cidr());
  for (const auto& mac : mac_candidates) {
    TRY(const bool taken, insert(*address, mac, instance));
    if (taken) return Taken{*address, mac};
  }
  return Error(common::Errc::internal, "no free MAC found for " + instance.value);
}

Result<> Addresses::give_back(const InstanceId& instance) {
  TRY(auto q, tx_.prepare("DELETE FROM private_addresses WHERE instance_id=?1"));
  q.bind(1, instance);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> NodeUsage::add(const ZoneName& zone, const NodeName& node, const Resources& resources) {
  TRY(auto q, tx_.prepare("INSERT INTO node_usage (zone, node, vcpus, memory_mib, disk_gib) "
                          "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (zone, node) DO UPDATE SET "
                          "vcpus=node_usage.vcpus+excluded.vcpus, "
                          "memory_mib=node_usage.memory_mib+excluded.memory_mib, "
                          "disk_gib=node_usage.disk_gib+excluded.disk_gib"));
  q.bind(1, zone).bind(2, node).bind(3, resources.vcpus).bind(4, resources.memory_mib);
  q.bind(5, resources.disk_gib);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> NodeUsage::take_away(const ZoneName& zone, const NodeName& node,
                              const Resources& resources) {
  return add(zone, node, {-resources.vcpus, -resources.memory_mib, -resources.disk_gib});
}

Result<Resources> NodeUsage::of_node(const ZoneName& zone, const NodeName& node) {
  TRY(auto q, tx_.prepare("SELECT vcpus, memory_mib, disk_gib FROM node_usage "
                          "WHERE zone=?1 AND node=?2"));
  q.bind(1, zone).bind(2, node);
  TRY(const bool found, q.step());
  if (!found) return Resources{};
  return Resources{q.integer(0), q.integer(1), q.integer(2)};
}

Result<std::map<NodeName, Resources>> NodeUsage::by_node(const ZoneName& zone) {
  TRY(auto q, tx_.prepare("SELECT node, vcpus, memory_mib, disk_gib FROM node_usage "
                          "WHERE zone=?1 AND node<>''"));
  q.bind(1, zone);
  std::map<NodeName, Resources> usage;
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return usage;
    usage[q.id<NodeName>(0)] = {q.integer(1), q.integer(2), q.integer(3)};
  }
}

Result<std::vector<Unplaced>> NodeUsage::unplaced(const ZoneName& zone) {
  TRY(auto q, tx_.prepare("SELECT promised_node, vcpus, memory_mib, disk_gib, ephemeral_gib, "
                          "swap_mib, count(*) FROM instances "
                          "WHERE state='pending' AND zone=?1 AND node='' "
                          "GROUP BY promised_node, vcpus, memory_mib, disk_gib, ephemeral_gib, "
                          "swap_mib"));
  q.bind(1, zone);
  return all_rows(q, [](Query& row) {
    const Resources of_type{row.integer(1), row.integer(2), row.integer(3)};
    return Unplaced{room_of(of_type, row.integer(4), row.integer(5)), row.integer(6),
                    row.id<NodeName>(0)};
  });
}

Result<> NodeUsage::rebuild() {
  TRY_VOID(tx_.execute("DELETE FROM node_usage"));
  struct Sum {
    ZoneName zone;
    NodeName node;
    Resources room;
  };
  TRY(auto q, tx_.prepare("SELECT zone, node, promised_node, vcpus, memory_mib, disk_gib, "
                          "ephemeral_gib, swap_mib, count(*) FROM instances "
                          "WHERE state<>'terminated' GROUP BY zone, node, promised_node, vcpus, "
                          "memory_mib, disk_gib, ephemeral_gib, swap_mib"));
  TRY(const auto sums, all_rows(q, [](Query& row) {
        const Resources of_type{row.integer(3), row.integer(4), row.integer(5)};
        auto room = room_of(of_type, row.integer(6), row.integer(7));
        const auto count = row.integer(8);
        room = {room.vcpus * count, room.memory_mib * count, room.disk_gib * count};
        const auto node = row.id<NodeName>(1);
        return Sum{row.id<ZoneName>(0), node.empty() ? row.id<NodeName>(2) : node, room};
      }));
  for (const auto& sum : sums) TRY_VOID(add(sum.zone, sum.node, sum.room));
  return common::ok();
}

}  // namespace angophora::clc
