// DetachVolume: takes a volume away from a guest. Accepted means recorded on disk; the report says
// when nothing of the attachment is left.
#include "nc/operations/operations.h"
#include "nc/operations/wire_forms.h"

namespace angophora::nc::operations {

Reply<soap::node::DetachVolume> detach_volume(Services& services, soap::Caller,
                                              soap::node::DetachVolume::Request request) {
  auto order = detach_from_wire(request);
  CO_TRY(const auto outcome, co_await services.instances.detach(std::move(order)));
  soap::node::DetachVolume::Reply reply;
  reply.outcome = to_wire(outcome);
  co_return reply;
}

}  // namespace angophora::nc::operations
