// StartInstances: refused, as EC2 refuses it for instances whose root disk is not a volume.
#include "clc/actions/instance_selection.h"

namespace angophora::clc::actions::start_instances {
namespace {

struct Request {
  std::vector<InstanceId> ids;
};

constexpr Param<Request> kParams[] = {
    required<&Request::ids>("InstanceId"),
    refused<Request>("AdditionalInfo", "it is reserved"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, ids = request.ids](Tx& tx) {
    return named_instances(tx, caller, ids);
  };
  CO_TRY(const auto instances, co_await s.db.read(find));
  co_return Error(RequestErrc::unsupported_operation,
                  "The instance '" + instances.front().id.value +
                      "' does not have an 'ebs' root device type and cannot be started.");
}

}  // namespace

extern const Action StartInstances{
    .name = "StartInstances",
    .permission = "ec2:StartInstances",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::start_instances
