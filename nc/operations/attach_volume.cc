// AttachVolume: this node does not serve volumes; the order is refused for good.
#include "nc/operations/operations.h"

namespace angophora::nc::operations {

Reply<soap::node::AttachVolume> attach_volume(Services& services, soap::Caller,
                                              soap::node::AttachVolume::Request request) {
  soap::node::AttachVolume::Reply reply;
  reply.outcome.instanceId = request.instanceId;
  reply.outcome.accepted = false;
  reply.outcome.code = "not_found";
  reply.outcome.reason = services.node.value + " serves no volumes";
  co_return reply;
}

}  // namespace angophora::nc::operations
