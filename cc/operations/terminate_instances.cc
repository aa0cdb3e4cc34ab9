// TerminateInstances: ends instances; the node confirms the order, its reports tell when they are
// gone.
#include "cc/operations/forward.h"
#include "cc/operations/operations.h"

namespace angophora::cc {

Task<soap::cluster::TerminateInstances::Reply> terminate_instances(
    Services& s, Caller caller, cluster__TerminateInstancesType request) {
  cluster__TerminateInstancesResponseType answer;
  answer.outcomes = co_await forward_refs<soap::node::TerminateInstances>(
      s, std::move(request.instances), std::move(caller.request_id));
  co_return answer;
}

}  // namespace angophora::cc
