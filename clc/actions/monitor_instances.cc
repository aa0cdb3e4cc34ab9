// MonitorInstances: notes that an instance is to be monitored in detail.
#include "clc/actions/monitoring.h"

namespace angophora::clc::actions::monitor_instances {
namespace {

struct Request {
  std::vector<InstanceId> ids;
};

constexpr Param<Request> kParams[] = {required<&Request::ids>("InstanceId")};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  std::string transition = "pending";
  co_return co_await switch_monitoring(s, std::move(caller), std::move(request.ids), true,
                                       std::move(transition));
}

}  // namespace

extern const Action MonitorInstances{
    .name = "MonitorInstances",
    .permission = "ec2:MonitorInstances",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::monitor_instances
