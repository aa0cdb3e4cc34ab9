#include "common/soap/local_channel.h"

#include "common/soap/fault.h"

namespace angophora::soap {

void LocalNetwork::attach(ServiceName name, Dispatcher& dispatcher) {
  members_[std::move(name)] = &dispatcher;
}

void LocalNetwork::detach(const ServiceName& name) { members_.erase(name); }

Dispatcher* LocalNetwork::find(const ServiceName& name) const {
  const auto found = members_.find(name);
  return found == members_.end() ? nullptr : found->second;
}

LocalChannel::LocalChannel(common::Runtime& runtime, LocalNetwork& network, ServiceName self,
                           Role role)
    : runtime_(runtime), network_(network), self_(std::move(self)), role_(role) {}

Task<Message> LocalChannel::exchange(const Operation& operation, ServiceName to, Message request,
                                     CallOptions options) {
  auto* dispatcher = network_.find(to);
  if (!dispatcher) co_return Error(Errc::unavailable, to.value + " is not attached");
  Caller caller{self_, role_, options.request_id};
  auto work = dispatcher->deliver(operation, std::move(caller), std::move(request));
  const auto what = std::string(operation.name) + " at " + to.value;
  auto reply = co_await runtime_.with_deadline<Message>(options.timeout, std::move(work), what);
  if (!reply) co_return error_of(fault_of(reply.assume_error()));
  co_return std::move(reply).assume_value();
}

}  // namespace angophora::soap
