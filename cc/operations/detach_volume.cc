// DetachVolume: hands the order to the node of the instance; the node's reports tell when the
// volume is detached.
#include "cc/operations/forward.h"
#include "cc/operations/operations.h"

namespace angophora::cc {

Task<soap::cluster::DetachVolume::Reply> detach_volume(Services& s, Caller caller,
                                                       cluster__DetachVolumeType request) {
  node__DetachVolumeType order;
  order.instanceId = request.instanceId;
  order.placementNo = request.placementNo;
  order.volumeId = request.volumeId;
  order.attachmentEpoch = request.attachmentEpoch;
  order.force = request.force;
  NodeName node(request.nodeName);
  cluster__DetachVolumeResponseType answer;
  answer.outcome = co_await forward_one<soap::node::DetachVolume>(
      s, std::move(node), std::move(order), std::move(caller.request_id));
  co_return answer;
}

}  // namespace angophora::cc
