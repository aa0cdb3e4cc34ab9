// DescribeNode: the node and all its instances, from memory. Answers when the state is newer than
// what the caller knows, or after the wait.
#include <algorithm>

#include "nc/operations/operations.h"
#include "nc/operations/wire_forms.h"

namespace angophora::nc::operations {

namespace {
constexpr int kWaitMsMax = 10'000;
}

Reply<soap::node::DescribeNode> describe_node(Services& services, soap::Caller,
                                              soap::node::DescribeNode::Request request) {
  const common::Duration wait =
      std::chrono::milliseconds(std::clamp(request.waitMs, 0, kWaitMsMax));
  auto known_boot = request.knownBootId.value_or("");
  CO_TRY(const auto report, co_await services.instances.await_report(
                                std::move(known_boot), request.knownGeneration, wait));
  soap::node::DescribeNode::Reply reply;
  reply.node = to_wire(report, services.node, services.runtime.now());
  for (const auto& instance : report.instances)
    reply.instances.push_back(to_wire(instance, services.node));
  co_return reply;
}

}  // namespace angophora::nc::operations
