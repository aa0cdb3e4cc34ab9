// Calls to other daemons. A Channel carries a request to the component of a name and brings its
// reply back; the real one speaks signed SOAP over TLS (soap_channel.h), the one of tests and
// simulations hands typed values over inside the process (local_channel.h).
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "common/base/id.h"
#include "common/runtime/runtime.h"
#include "common/soap/contracts.h"

namespace angophora::soap {

using common::Duration;
using common::ServiceName;

// What a call may say besides its request. Has constructors so that a temporary is safe in a
// co_await expression.
struct CallOptions {
  CallOptions(Duration limit = std::chrono::seconds(10), std::string id = {})
      : timeout(limit), request_id(std::move(id)) {}
  Duration timeout;        // for the whole call
  std::string request_id;  // of the user's request that this call serves; empty makes one up
};

// I/O thread only.
class Channel {
 public:
  virtual ~Channel() = default;

  // Errors: what the operation returned (an Errc keeps its code, others become
  // SoapErrc::refused_by_peer and keep their name in the message). Errc::unavailable when the peer
  // cannot be reached or is not known; Errc::timed_out when there was no answer in time: it may
  // have taken effect. SoapErrc when the peer refused the message or its answer cannot be trusted.
  virtual Task<Message> exchange(const Operation& operation, ServiceName to, Message request,
                                 CallOptions options) = 0;

  // The version of the registry this side goes by; travels in each message. 0: none.
  virtual std::int64_t registry_version() const { return 0; }
  // An answer said that there is a registry of this version.
  virtual void heard_of_version(std::int64_t version) { (void)version; }
};

// Calls `Op` of the component `to`.
template <class Op>
Task<typename Op::Reply> call(Channel& channel, ServiceName to, typename Op::Request request,
                              CallOptions options = CallOptions()) {
  if (!request.context) request.context.emplace();
  if (!options.request_id.empty()) request.context->requestId = options.request_id;
  if (channel.registry_version() > 0) request.context->registryVersion = channel.registry_version();
  Message boxed(std::move(request));
  CO_TRY(auto reply, co_await channel.exchange(Op::kOperation, std::move(to), std::move(boxed),
                                               std::move(options)));
  auto* typed = reply.template get<typename Op::Reply>();
  if (!typed)
    co_return Error(Errc::internal, std::string(Op::kName) + ": the reply is of another type");
  if (typed->context && typed->context->registryVersion)
    channel.heard_of_version(*typed->context->registryVersion);
  co_return std::move(*typed);
}

}  // namespace angophora::soap
