// DescribeInstances: the caller's instances, by reservation.
#include <algorithm>
#include <map>

#include "clc/actions/instance_filters.h"
#include "clc/actions/instance_selection.h"
#include "clc/actions/instance_xml.h"
#include "clc/instance_services.h"

namespace angophora::clc::actions::describe_instances {
namespace {

constexpr char kName[] = "DescribeInstances";

struct Request {
  std::vector<InstanceId> ids;
  Filters filters;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::ids>("InstanceId"),
    filters<&Request::filters>(),
    max_results<&Request::paging>(),
    next_token<&Request::paging>(),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<Instance>::compile(request.filters, instance_filters()));
  if (!request.ids.empty() && request.paging.max_results)
    co_return Error(RequestErrc::invalid_combination,
                    "The parameters InstanceId and MaxResults cannot be used together");
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kName));
  const bool with_nodes =
      caller.cloud_administrator &&
      std::find(request.ids.begin(), request.ids.end(), InstanceId(kVerbose)) != request.ids.end();
  InstanceChoice choice;
  choice.ids = std::move(request.ids);
  choice.matches = [&wanted](const Instance& i) { return wanted.matches(i); };
  choice.page = page;
  CO_TRY(auto instances, co_await select_instances(s, caller, std::move(choice)));
  const auto last = cut_page(instances, page, [](const Instance& i) { return i.id.value; });

  // Where Eucalyptus' administration tools look for it.
  if (with_nodes)
    for (auto& instance : instances)
      if (!instance.node.empty()) instance.tags["euca:node"] = instance.node.value;

  std::map<ReservationId, std::vector<Instance>> reservations;
  for (auto& instance : instances)
    reservations[instance.reservation].push_back(std::move(instance));
  Reply reply;
  reply.list("reservationSet", reservations, [&s](const auto& entry, Element& item) {
    add_reservation(item, entry.second, s.cloud ? &s.cloud->zones : nullptr);
  });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kName, last));
  co_return reply;
}

}  // namespace

extern const Action DescribeInstances{
    .name = kName,
    .permission = "ec2:DescribeInstances",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_instances
