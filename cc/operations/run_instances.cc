// RunInstances: hands each order to the node that the cloud controller committed, and keeps the
// room that was reserved until that node counts the guest itself.
#include "cc/operations/forward.h"
#include "cc/operations/operations.h"

namespace angophora::cc {
namespace {

// A node that cannot be asked says nothing about the order: it may have it.
bool is_answer_of_node(const t__outcome& outcome) {
  const auto code = outcome.code.value_or("");
  return code != common::to_string(Errc::timed_out) && code != common::to_string(Errc::unavailable);
}

}  // namespace

Task<soap::cluster::RunInstances::Reply> run_instances(Services& s, Caller caller,
                                                       cluster__RunInstancesType request) {
  std::vector<std::pair<NodeName, t__instanceSpec>> items;
  std::vector<std::pair<NodeName, std::int64_t>> orders;  // node and placement, for afterwards
  for (auto& order : request.orders) {
    orders.emplace_back(NodeName(order.nodeName), order.instance.placementNo);
    items.emplace_back(NodeName(order.nodeName), std::move(order.instance));
  }
  const auto request_id = caller.request_id;
  auto outcomes =
      co_await forward<soap::node::RunInstances, t__instanceSpec>(s, std::move(items), request_id);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const InstanceId id(outcomes[i].instanceId);
    const auto& [node, placement_no] = orders[i];
    if (outcomes[i].accepted)
      s.zone.accepted(node, id, placement_no, s.runtime.steady_now());
    else if (is_answer_of_node(outcomes[i]))
      s.zone.refused(node, id, placement_no, s.runtime.steady_now());
  }
  cluster__RunInstancesResponseType answer;
  answer.outcomes = std::move(outcomes);
  co_return answer;
}

}  // namespace angophora::cc
