// RunInstances: takes orders to run instances. Accepted means recorded on disk; the rest follows
// in the background and shows in DescribeNode.
#include "nc/operations/operations.h"
#include "nc/operations/wire_forms.h"

namespace angophora::nc::operations {

Reply<soap::node::RunInstances> run_instances(Services& services, soap::Caller,
                                              soap::node::RunInstances::Request request) {
  soap::node::RunInstances::Reply reply;
  for (const auto& wire : request.instances) {
    auto spec = spec_from_wire(wire);
    if (!spec) {
      const InstanceId id(wire.instanceId);
      reply.outcomes.push_back(
          to_wire({id, false, "invalid_argument", id.value + ": " + spec.error().message}));
      continue;
    }
    auto order = std::move(spec).assume_value();
    CO_TRY(const auto outcome, co_await services.instances.run(std::move(order)));
    reply.outcomes.push_back(to_wire(outcome));
  }
  co_return reply;
}

}  // namespace angophora::nc::operations
