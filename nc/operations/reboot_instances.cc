// RebootInstances: asks guests to restart, and resets those that do not do it in time.
#include "nc/operations/operations.h"
#include "nc/operations/wire_forms.h"

namespace angophora::nc::operations {

Reply<soap::node::RebootInstances> reboot_instances(Services& services, soap::Caller,
                                                    soap::node::RebootInstances::Request request) {
  soap::node::RebootInstances::Reply reply;
  for (const auto& wire : request.instances) {
    InstanceId id(wire.instanceId);
    CO_TRY(const auto outcome, co_await services.instances.reboot(std::move(id), wire.placementNo));
    reply.outcomes.push_back(to_wire(outcome));
  }
  co_return reply;
}

}  // namespace angophora::nc::operations
