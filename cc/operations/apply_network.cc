// ApplyNetwork: takes the newest network document and brings it to every node. The answer says
// which version is held; DescribeZone tells which version each node has applied.
#include "cc/operations/operations.h"

namespace angophora::cc {

Task<soap::cluster::ApplyNetwork::Reply> apply_network(Services& s, Caller,
                                                       cluster__ApplyNetworkType request) {
  cluster__ApplyNetworkResponseType answer;
  answer.appliedVersion = s.nodes.set_network(std::move(request.network));
  co_return answer;
}

}  // namespace angophora::cc
