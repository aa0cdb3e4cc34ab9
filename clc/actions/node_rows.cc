#include "clc/actions/node_rows.h"

#include <algorithm>
#include <tuple>

#include "clc/domain/capacity.h"
#include "clc/domain/instance_types.h"
#include "clc/instance_services.h"
#include "clc/store/census.h"
#include "clc/store/instances.h"
#include "clc/store/registrations.h"

namespace angophora::clc {
namespace {

using common::Result;
using common::Task;

using Reports = std::map<ZoneName, ZoneReport>;

// What the database knows of the nodes.
struct Books {
  std::vector<Service> services;
  std::map<NodeName, std::vector<InstanceId>> instances;
  std::map<NodeName, Resources> left;
};

Reports fresh_reports(const Services& s) {
  Reports reports;
  if (!s.cloud) return reports;
  for (const auto& [name, zone] : s.cloud->zones.all())
    if (zone.is_fresh(s.runtime.steady_now())) reports.emplace(name, *zone.report);
  return reports;
}

Result<Books> read_books(Tx& tx, const Reports& reports) {
  Books books;
  TRY(books.services, Registrations(tx).list());
  TRY(const auto placed, instances_by_node(tx));
  for (const auto& [node, instance] : placed) books.instances[node].push_back(instance);
  for (const auto& [zone, report] : reports) {
    TRY(const auto given, NodeUsage(tx).by_node(zone));
    TRY(const auto waiting, NodeUsage(tx).unplaced(zone));
    const auto rooms = free_by_node(report.nodes, given, waiting);
    for (const auto& room : rooms) books.left[room.name] = room.left;
  }
  return books;
}

bool is_alive(const GuestReport& guest) {
  return guest.state != GuestState::terminated && guest.state != GuestState::failed;
}

void add_report(NodeRow& row, const ZoneReport& report) {
  const NodeName name(row.service.name.value);
  for (const auto& node : report.nodes) {
    if (node.name != name) continue;
    row.is_reported = true;
    row.state = node;
  }
  for (const auto& guest : report.guests) {
    if (guest.node != name || !is_alive(guest)) continue;
    if (std::find(row.instances.begin(), row.instances.end(), guest.id) == row.instances.end())
      row.unknown.push_back(guest.id);
  }
}

void add_room(NodeRow& row, const Books& books, const InstanceTypes& types) {
  const NodeName name(row.service.name.value);
  const auto found = books.left.find(name);
  const bool takes = row.health.state == ServiceState::enabled && found != books.left.end();
  if (takes) row.left = found->second;
  const std::vector<NodeRoom> all = {{name, row.state.total, row.state.guest_vcpus_max}};
  const std::vector<NodeRoom> left = {{name, row.left, row.state.guest_vcpus_max}};
  for (const auto& type : types.all())
    row.room.push_back({type.name, row.is_reported ? fitting(all, type.room()) : 0,
                        takes ? fitting(left, type.room()) : 0});
}

}  // namespace

Task<std::vector<NodeRow>> node_rows(Services& s) {
  auto reports = fresh_reports(s);
  const auto read = [reports](Tx& tx) { return read_books(tx, reports); };
  CO_TRY(auto books, co_await s.db.read(read));
  CO_TRY(const auto types, InstanceTypes::parse(s.properties.text("cloud.instance_types")));
  std::vector<NodeRow> rows;
  for (auto& service : books.services) {
    if (service.type != ServiceType::node) continue;
    NodeRow row;
    row.service = service;
    row.health = s.states.health(service, s.runtime.steady_now());
    row.instances = books.instances[NodeName(service.name.value)];
    const auto report = reports.find(service.zone);
    if (report != reports.end()) add_report(row, report->second);
    add_room(row, books, types);
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const NodeRow& a, const NodeRow& b) {
    return std::tie(a.service.zone, a.service.name) < std::tie(b.service.zone, b.service.name);
  });
  co_return rows;
}

}  // namespace angophora::clc
