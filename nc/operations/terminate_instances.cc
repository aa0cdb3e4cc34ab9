// TerminateInstances: ends instances and frees all they hold. Accepted means recorded on disk.
#include "nc/operations/operations.h"
#include "nc/operations/wire_forms.h"

namespace angophora::nc::operations {

Reply<soap::node::TerminateInstances> terminate_instances(
    Services& services, soap::Caller, soap::node::TerminateInstances::Request request) {
  soap::node::TerminateInstances::Reply reply;
  for (const auto& wire : request.instances) {
    InstanceId id(wire.instanceId);
    CO_TRY(const auto outcome,
           co_await services.instances.terminate(std::move(id), wire.placementNo));
    reply.outcomes.push_back(to_wire(outcome));
  }
  co_return reply;
}

}  // namespace angophora::nc::operations
