// RebootInstances: restarts guests; the node confirms the order.
#include "cc/operations/forward.h"
#include "cc/operations/operations.h"

namespace angophora::cc {

Task<soap::cluster::RebootInstances::Reply> reboot_instances(Services& s, Caller caller,
                                                             cluster__RebootInstancesType request) {
  cluster__RebootInstancesResponseType answer;
  answer.outcomes = co_await forward_refs<soap::node::RebootInstances>(
      s, std::move(request.instances), std::move(caller.request_id));
  co_return answer;
}

}  // namespace angophora::cc
