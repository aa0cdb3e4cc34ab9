// AttachVolume: hands the order to the node of the instance; the node's reports tell what came of
// it.
#include "cc/operations/forward.h"
#include "cc/operations/operations.h"

namespace angophora::cc {

Task<soap::cluster::AttachVolume::Reply> attach_volume(Services& s, Caller caller,
                                                       cluster__AttachVolumeType request) {
  node__AttachVolumeType order;
  order.instanceId = request.instanceId;
  order.placementNo = request.placementNo;
  order.volumeId = request.volumeId;
  order.attachmentEpoch = request.attachmentEpoch;
  order.device = request.device;
  order.storageHost = request.storageHost;
  order.storagePort = request.storagePort;
  order.storageName = request.storageName;
  NodeName node(request.nodeName);
  cluster__AttachVolumeResponseType answer;
  answer.outcome = co_await forward_one<soap::node::AttachVolume>(
      s, std::move(node), std::move(order), std::move(caller.request_id));
  co_return answer;
}

}  // namespace angophora::cc
