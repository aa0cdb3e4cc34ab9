// UnmonitorInstances: notes that an instance need not be monitored in detail any more.
#include "clc/actions/monitoring.h"

namespace angophora::clc::actions::unmonitor_instances {
namespace {

struct Request {
  std::vector<InstanceId> ids;
};

constexpr Param<Request> kParams[] = {required<&Request::ids>("InstanceId")};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  std::string transition = "disabling";
  co_return co_await switch_monitoring(s, std::move(caller), std::move(request.ids), false,
                                       std::move(transition));
}

}  // namespace

extern const Action UnmonitorInstances{
    .name = "UnmonitorInstances",
    .permission = "ec2:UnmonitorInstances",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::unmonitor_instances
