// DescribeInstanceStatus: whether instances run and can be reached; only running ones unless all
// are asked for.
#include <algorithm>

#include "clc/actions/instance_selection.h"
#include "clc/actions/instance_xml.h"
#include "clc/instance_services.h"

namespace angophora::clc::actions::describe_instance_status {
namespace {

constexpr char kName[] = "DescribeInstanceStatus";

struct Request {
  std::vector<InstanceId> ids;
  bool all = false;
  Filters filters;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::ids>("InstanceId"), optional<&Request::all>("IncludeAllInstances"),
    filters<&Request::filters>(),          max_results<&Request::paging>(),
    next_token<&Request::paging>(),
};

// ok while its node reports; what a silent node's guests do nobody knows.
struct Status {
  Instance instance;
  bool node_speaks = false;

  std::string summary() const {
    if (instance.state != InstanceState::running) return "not-applicable";
    return node_speaks ? "ok" : "insufficient-data";
  }
  std::string reachability() const { return node_speaks ? "passed" : "insufficient-data"; }
};

FilterValues no_events(const Status&) { return {}; }
FilterValues summary(const Status& s) { return {s.summary()}; }
FilterValues reachability(const Status& s) {
  return s.instance.state == InstanceState::running ? FilterValues{s.reachability()}
                                                    : FilterValues{};
}

constexpr FilterField<Status> kFilters[] = {
    {"availability-zone", [](const Status& s) { return FilterValues{s.instance.zone.value}; }},
    {"event.code", no_events},
    {"event.description", no_events},
    {"event.instance-event-id", no_events},
    {"event.not-after", no_events},
    {"event.not-before", no_events},
    {"event.not-before-deadline", no_events},
    {"instance-state-code",
     [](const Status& s) { return FilterValues{std::to_string(code_of(s.instance.state))}; }},
    {"instance-state-name",
     [](const Status& s) { return FilterValues{std::string(to_string(s.instance.state))}; }},
    {"instance-status.reachability", reachability},
    {"instance-status.status", summary},
    {"system-status.reachability", reachability},
    {"system-status.status", summary},
};

bool speaks(const Services& s, const Instance& instance) {
  const auto* zone = s.cloud ? s.cloud->zones.find(instance.zone) : nullptr;
  if (!zone || !zone->is_fresh(s.runtime.steady_now())) return false;
  const auto* node = zone->find_node(instance.node);
  return node && node->reachable;
}

void add_summary(Element& item, std::string name, const Status& status) {
  auto& element = item.child(std::move(name));
  element.add("status", status.summary());
  if (status.instance.state != InstanceState::running) return;
  auto& detail = element.child("details").child("item");
  detail.add("name", "reachability").add("status", status.reachability());
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<Status>::compile(request.filters, kFilters));
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kName));
  InstanceChoice choice;
  choice.ids = std::move(request.ids);
  choice.matches = [all = request.all](const Instance& i) {
    return all || i.state == InstanceState::running;
  };
  choice.page = page;
  // What the filters let through is known only with the nodes' states: they see all.
  if (!request.filters.empty()) choice.page.limit = SIZE_MAX;
  CO_TRY(auto instances, co_await select_instances(s, caller, std::move(choice)));
  std::vector<Status> rows;
  for (auto& instance : instances) {
    Status status;
    status.node_speaks = speaks(s, instance);
    status.instance = std::move(instance);
    if (wanted.matches(status)) rows.push_back(std::move(status));
  }
  const auto last = cut_page(rows, page, [](const Status& r) { return r.instance.id.value; });
  Reply reply;
  reply.list("instanceStatusSet", rows, [](const Status& status, Element& item) {
    item.add("instanceId", status.instance.id).add("availabilityZone", status.instance.zone);
    add_state(item, "instanceState", status.instance.state);
    add_summary(item, "systemStatus", status);
    add_summary(item, "instanceStatus", status);
  });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kName, last));
  co_return reply;
}

}  // namespace

extern const Action DescribeInstanceStatus{
    .name = kName,
    .permission = "ec2:DescribeInstanceStatus",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_instance_status
