// DescribeServices (bootstrap): every component, its state and why it is not ENABLED.
#include <algorithm>

#include "clc/actions/bootstrap.h"
#include "clc/store/registrations.h"

namespace angophora::clc::actions::describe_services {
namespace {

struct Request {
  std::vector<std::string> names;
  Filters filters;
  bool list_all = false;     // all are listed in any case
  bool show_events = false;  // the reason of a state is shown in any case
  bool show_stacks = false;  // there are none
};

constexpr Param<Request> kParams[] = {
    optional<&Request::names>("ServiceName"),
    filters<&Request::filters>(),
    optional<&Request::list_all>("ListAll"),
    optional<&Request::show_events>("ShowEvents"),
    optional<&Request::show_stacks>("ShowEventStacks"),
};

struct Row {
  Service service;
  ServiceHealth health;
  std::string version;
};

constexpr FilterField<Row> kFilters[] = {
    {"availability-zone", [](const Row& r) { return FilterValues{r.service.zone.value}; }},
    {"host", [](const Row& r) { return FilterValues{r.service.host}; }},
    {"internal", [](const Row&) { return FilterValues{"false"}; }},
    {"public",
     [](const Row& r) {
       const bool is_public =
           r.service.type == ServiceType::cloud || r.service.type == ServiceType::walrus;
       return FilterValues{is_public ? "true" : "false"};
     }},
    {"service-group", [](const Row&) { return FilterValues{}; }},
    {"service-group-member", [](const Row&) { return FilterValues{"false"}; }},
    {"service-type",
     [](const Row& r) { return FilterValues{std::string(to_string(r.service.type))}; }},
    {"state", [](const Row& r) { return FilterValues{std::string(to_string(r.health.state))}; }},
};

std::vector<Row> judge(Services& s, std::vector<Service> services) {
  std::vector<Row> rows;
  rows.push_back({this_cloud(s), {ServiceState::enabled, {}}, {}});
  for (auto& service : services) {
    auto health = s.states.health(service, s.runtime.steady_now());
    auto version = s.states.version(service.name);
    rows.push_back({std::move(service), std::move(health), std::move(version)});
  }
  return rows;
}

void add_row(const Row& row, Element& item) {
  add_service_id(item.child("serviceId"), row.service);
  item.add("localState", to_string(row.health.state)).add("localEpoch", 0);
  if (!row.version.empty()) item.add("version", row.version);
  auto& details = item.child("statusDetails");
  if (row.health.reason.empty()) return;
  auto& detail = details.child("item");
  detail.add("severity", row.health.state == ServiceState::stopped ? "INFO" : "WARNING");
  detail.add("serviceName", row.service.name).add("message", row.health.reason);
}

Task<Reply> handle(Services& s, Caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<Row>::compile(request.filters, kFilters));
  const auto find = [](Tx& tx) { return Registrations(tx).list(); };
  CO_TRY(auto services, co_await s.db.read(find));
  auto rows = judge(s, std::move(services));
  for (const auto& name : request.names)
    if (std::none_of(rows.begin(), rows.end(),
                     [&](const Row& row) { return row.service.name.value == name; }))
      co_return Error(ServiceErrc::not_found, "No service named '" + name + "' is registered");
  std::erase_if(rows, [&](const Row& row) {
    const bool named =
        request.names.empty() || std::find(request.names.begin(), request.names.end(),
                                           row.service.name.value) != request.names.end();
    return !named || !wanted.matches(row);
  });
  Reply reply;
  reply.list("serviceStatuses", rows, add_row);
  co_return reply;
}

}  // namespace

extern const Action DescribeServices{
    .name = "DescribeServices",
    .permission = "bootstrap:DescribeServices",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_services
