// GetConsoleOutput: the end of a guest's serial console.
#include "nc/operations/operations.h"

namespace angophora::nc::operations {

Reply<soap::node::GetConsoleOutput> get_console_output(
    Services& services, soap::Caller, soap::node::GetConsoleOutput::Request request) {
  InstanceId id(request.instanceId);
  CO_TRY(auto text, co_await services.instances.console(std::move(id), request.placementNo));
  soap::node::GetConsoleOutput::Reply reply;
  reply.output = std::move(text);
  reply.timestampMs = services.runtime.now().time_since_epoch().count();
  co_return reply;
}

}  // namespace angophora::nc::operations
