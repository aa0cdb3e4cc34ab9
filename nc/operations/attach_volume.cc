// AttachVolume: gives a guest a disk backed by a volume. Accepted means recorded on disk; the rest
// follows in the background and shows in DescribeNode.
#include "nc/operations/operations.h"
#include "nc/operations/wire_forms.h"

namespace angophora::nc::operations {

Reply<soap::node::AttachVolume> attach_volume(Services& services, soap::Caller,
                                              soap::node::AttachVolume::Request request) {
  soap::node::AttachVolume::Reply reply;
  auto order = attach_from_wire(request);
  if (!order) {
    reply.outcome =
        to_wire({InstanceId(request.instanceId), false, "invalid_argument", order.error().message});
    co_return reply;
  }
  auto wanted = std::move(order).assume_value();
  CO_TRY(const auto outcome, co_await services.instances.attach(std::move(wanted)));
  reply.outcome = to_wire(outcome);
  co_return reply;
}

}  // namespace angophora::nc::operations
