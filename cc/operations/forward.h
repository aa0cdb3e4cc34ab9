// Orders to many nodes at once.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cc/operations/services.h"
#include "common/log/log.h"
#include "common/runtime/gather.h"

namespace angophora::cc {

// Below the time that the cloud controller waits for us.
inline constexpr std::chrono::seconds kNodeTimeout{8};

// Calls `Op` of one node, unless it is known to be silent.
template <class Op>
Task<typename Op::Reply> ask_node(Services& s, NodeName name, typename Op::Request request,
                                  std::string request_id) {
  if (auto why = s.zone.unreachable(name, s.runtime.steady_now())) co_return std::move(*why);
  const ServiceName to(name.value);
  const soap::CallOptions options(kNodeTimeout, std::move(request_id));
  co_return co_await soap::call<Op>(s.channel, to, std::move(request), options);
}

// An order of which nobody knows whether the node has it. Whatever went wrong with the call, only a
// node's own outcome says that an order was refused: a faulty answer may follow a good order.
inline t__outcome unknown_outcome(std::string instance_id, const Error& error) {
  const auto code = error.code == Errc::timed_out ? Errc::timed_out : Errc::unavailable;
  t__outcome outcome;
  outcome.instanceId = std::move(instance_id);
  outcome.accepted = false;
  outcome.code = std::string(common::to_string(code));
  outcome.reason = error.message;
  return outcome;
}

// Sends `Op` with `items` (what Op::Request::instances holds) to the node named beside each, all
// nodes at once, and puts the outcomes into the order of the items.
template <class Op, class Item>
common::awaitable<std::vector<t__outcome>> forward(Services& s,
                                                   std::vector<std::pair<NodeName, Item>> items,
                                                   std::string request_id) {
  std::map<NodeName, std::vector<std::size_t>> by_node;
  for (std::size_t i = 0; i < items.size(); ++i) by_node[items[i].first].push_back(i);
  std::vector<Task<typename Op::Reply>> calls;
  for (const auto& [name, indices] : by_node) {
    typename Op::Request request;
    for (const auto i : indices) request.instances.push_back(items[i].second);
    calls.push_back(ask_node<Op>(s, name, std::move(request), request_id));
  }
  const std::string what(Op::kName);
  auto replies = co_await common::gather<common::Result<typename Op::Reply>>(s.runtime, what,
                                                                             std::move(calls));

  std::vector<t__outcome> outcomes(items.size());
  std::size_t at = 0;
  for (const auto& [name, indices] : by_node) {
    const auto& reply = replies[at++];
    for (const auto i : indices) {
      const auto& id = items[i].second.instanceId;
      outcomes[i] = unknown_outcome(
          id, Error(Errc::timed_out, "node " + name.value + " said nothing about " + id));
      if (!reply) continue;
      if (!*reply) {
        outcomes[i] = unknown_outcome(id, reply->assume_error());
        continue;
      }
      for (const auto& outcome : reply->assume_value().outcomes)
        if (outcome.instanceId == id) outcomes[i] = outcome;
    }
    if (reply && !*reply)
      log::warn("node.order_failed", {{"request_id", request_id},
                                      {"operation", Op::kName},
                                      {"node", name},
                                      {"error", reply->assume_error()}});
  }
  co_return outcomes;
}

// One order for one instance to the node named.
template <class Op>
common::awaitable<t__outcome> forward_one(Services& s, NodeName node, typename Op::Request order,
                                          std::string request_id) {
  auto instance_id = order.instanceId;
  const auto log_id = request_id;
  auto reply = co_await ask_node<Op>(s, node, std::move(order), std::move(request_id));
  if (reply) co_return std::move(reply).assume_value().outcome;
  log::warn("node.order_failed", {{"request_id", log_id},
                                  {"operation", Op::kName},
                                  {"node", node},
                                  {"error", reply.assume_error()}});
  co_return unknown_outcome(std::move(instance_id), reply.assume_error());
}

// As forward() for orders that name an instance; without a node's name it goes to the one that
// reports the instance.
template <class Op>
common::awaitable<std::vector<t__outcome>> forward_refs(Services& s,
                                                        std::vector<t__instanceRef> refs,
                                                        std::string request_id) {
  std::vector<t__outcome> outcomes(refs.size());
  std::vector<std::pair<NodeName, t__instanceRef>> items;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    NodeName node(refs[i].nodeName.value_or(""));
    if (node.empty()) node = s.zone.node_of(InstanceId(refs[i].instanceId)).value_or(NodeName());
    if (node.empty()) {
      outcomes[i] = unknown_outcome(
          refs[i].instanceId,
          Error(Errc::unavailable, "no node of the zone reports " + refs[i].instanceId));
      continue;
    }
    places.push_back(i);
    items.emplace_back(std::move(node), refs[i]);
  }
  auto sent = co_await forward<Op, t__instanceRef>(s, std::move(items), std::move(request_id));
  for (std::size_t i = 0; i < places.size(); ++i) outcomes[places[i]] = std::move(sent[i]);
  co_return outcomes;
}

}  // namespace angophora::cc
