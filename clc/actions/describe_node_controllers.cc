// DescribeNodeControllers (bootstrap): the nodes, the room they have, and what runs on them.
#include <algorithm>

#include "clc/actions/bootstrap.h"
#include "clc/actions/node_rows.h"

namespace angophora::clc::actions::describe_node_controllers {
namespace {

struct Request {
  std::vector<std::string> names;
  Filters filters;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::names>("ServiceName"),
    filters<&Request::filters>(),
};

constexpr FilterField<NodeRow> kFilters[] = {
    {"availability-zone", [](const NodeRow& r) { return FilterValues{r.service.zone.value}; }},
    {"host", [](const NodeRow& r) { return FilterValues{r.service.host}; }},
    {"state",
     [](const NodeRow& r) { return FilterValues{std::string(to_string(r.health.state))}; }},
};

void add_resources(const Resources& resources, Element& into) {
  into.add("vcpus", resources.vcpus).add("memoryMib", resources.memory_mib);
  into.add("diskGib", resources.disk_gib);
}

void add_node(const NodeRow& row, Element& item) {
  add_service_id(item.child("serviceId"), row.service);
  item.add("name", row.service.name).add("zone", row.service.zone);
  item.add("host", row.service.host);
  item.add("localState", to_string(row.health.state)).add("state", to_string(row.health.state));
  item.add("details", row.health.reason);
  const auto add_instance = [](const InstanceId& id, Element& entry) {
    entry.add("instanceId", id);
  };
  item.list("instances", row.instances, add_instance);
  item.list("unknownInstances", row.unknown, add_instance);
  if (!row.is_reported) return;
  item.add("hypervisor", row.state.hypervisor).add("virtualization", row.state.virtualization);
  add_resources(row.state.total, item.child("total"));
  add_resources(row.left, item.child("available"));
  item.list("instanceTypes", row.room, [](const NodeRow::TypeRoom& room, Element& entry) {
    entry.add("name", room.type).add("max", room.max).add("available", room.available);
  });
}

Task<Reply> handle(Services& s, Caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<NodeRow>::compile(request.filters, kFilters));
  CO_TRY(auto rows, co_await node_rows(s));
  for (const auto& name : request.names)
    if (std::none_of(rows.begin(), rows.end(),
                     [&](const NodeRow& row) { return row.service.name.value == name; }))
      co_return Error(ServiceErrc::not_found, "No node named '" + name + "' is registered");
  std::erase_if(rows, [&](const NodeRow& row) {
    const bool named =
        request.names.empty() || std::find(request.names.begin(), request.names.end(),
                                           row.service.name.value) != request.names.end();
    return !named || !wanted.matches(row);
  });
  Reply reply;
  reply.list("nodeControllers", rows, add_node);
  co_return reply;
}

}  // namespace

extern const Action DescribeNodeControllers{
    .name = "DescribeNodeControllers",
    .permission = "bootstrap:DescribeNodeControllers",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_node_controllers
