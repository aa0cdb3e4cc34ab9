// ReserveNodes: chooses a node for each placement and holds its room until the node reports the
// guest. Repeating it is safe.
#include "cc/operations/operations.h"
#include "common/log/log.h"

namespace angophora::cc {
namespace {

RoomRequest to_domain(const cluster__nodeRequest& from) {
  return {InstanceId(from.instanceId), from.placementNo,
          Resources{from.vcpus, from.memoryMib, from.diskGib},
          NodeName(from.promisedNode.value_or(""))};
}

bool makes_sense(const cluster__nodeRequest& r) {
  return !r.instanceId.empty() && r.vcpus > 0 && r.memoryMib > 0 && r.diskGib >= 0;
}

}  // namespace

Task<soap::cluster::ReserveNodes::Reply> reserve_nodes(Services& s, Caller caller,
                                                       cluster__ReserveNodesType request) {
  std::vector<RoomRequest> wanted;
  for (const auto& r : request.requests) {
    if (!makes_sense(r))
      co_return Error(Errc::invalid_argument,
                      "the room asked for '" + r.instanceId + "' makes no sense");
    wanted.push_back(to_domain(r));
  }
  Books books;
  for (const auto& given : request.given)
    books[NodeName(given.nodeName)] = {given.vcpus, given.memoryMib, given.diskGib};
  cluster__ReserveNodesResponseType answer;
  for (const auto& reply : s.zone.reserve(wanted, std::move(books), s.runtime.steady_now())) {
    auto& reservation = answer.reservations.emplace_back();
    reservation.instanceId = reply.id.value;
    reservation.placementNo = reply.placement_no;
    if (!reply.node.empty()) reservation.nodeName = reply.node.value;
    if (reply.node.empty()) {
      reservation.reason = reply.reason;
      log::warn(
          "instance.no_room",
          {{"request_id", caller.request_id}, {"instance", reply.id}, {"reason", reply.reason}});
    }
  }
  co_return answer;
}

}  // namespace angophora::cc
