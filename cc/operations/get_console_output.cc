// GetConsoleOutput: what a guest wrote to its serial console, fetched from its node.
#include "cc/operations/forward.h"
#include "cc/operations/operations.h"

namespace angophora::cc {

Task<soap::cluster::GetConsoleOutput::Reply> get_console_output(
    Services& s, Caller caller, cluster__GetConsoleOutputType request) {
  const NodeName node(request.nodeName);
  node__GetConsoleOutputType question;
  question.instanceId = request.instanceId;
  question.placementNo = request.placementNo;
  CO_TRY(auto output, co_await ask_node<soap::node::GetConsoleOutput>(
                          s, node, std::move(question), std::move(caller.request_id)));
  cluster__GetConsoleOutputResponseType answer;
  answer.output = std::move(output.output);
  answer.timestampMs = output.timestampMs;
  co_return answer;
}

}  // namespace angophora::cc
