// DescribeServices: how this controller sees itself and its nodes.
#include "cc/operations/operations.h"

namespace angophora::cc {
namespace {

t__serviceStatus status_of(const NodeView& view, const ZoneName& zone) {
  t__serviceStatus status;
  status.name = view.name.value;
  status.type = "node";
  status.zone = zone.value;
  status.state = view.takes_guests ? "ENABLED" : "NOTREADY";
  if (!view.reason.empty()) status.reason = view.reason;
  status.clockMs = view.report->clock_ms;
  return status;
}

}  // namespace

Task<soap::cluster::DescribeServices::Reply> describe_services(Services& s, Caller,
                                                               cluster__DescribeServicesType) {
  cluster__DescribeServicesResponseType answer;
  auto& own = answer.services.emplace_back();
  own.name = s.name.value;
  own.type = "cluster";
  own.zone = s.zone_name.value;
  own.state = "ENABLED";
  own.version = s.version;
  own.clockMs = s.runtime.now().time_since_epoch().count();
  for (const auto& view : s.zone.nodes(s.runtime.steady_now()))
    answer.services.push_back(status_of(view, s.zone_name));
  co_return answer;
}

}  // namespace angophora::cc
