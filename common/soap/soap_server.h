// Serves a Dispatcher at POST /services/SERVICE of a component's internal TLS listener. The
// listener must ask for client certificates (ServerOptions::want_client_certificate).
//
//   soap::SoapServer soap(runtime, self, peers, dispatcher, {});
//   ... in the listener's handler: co_return co_await soap.handle(request);
//
// Each request must come over TLS from a pinned certificate and be signed by the same certificate;
// it is refused, with a signed fault and a log line that names the check and both sides, unless
// all checks of judge.h hold and it was not seen before. The operation runs on the I/O thread;
// parsing, verifying and signing run on the pool.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/http/http.h"
#include "common/runtime/runtime.h"
#include "common/soap/judge.h"
#include "common/soap/replay_cache.h"

namespace angophora::soap {

struct SoapServerOptions {
  Freshness freshness;
  std::size_t replay_entries_max = 1'000'000;
  std::size_t replay_per_signer_max = 100'000;
};

// I/O thread only; outlives all requests under way.
class SoapServer {
 public:
  SoapServer(common::Runtime& runtime, Self self, PeerSource& peers, Dispatcher& dispatcher,
             SoapServerOptions options);

  common::awaitable<http::Response> handle(http::Request& request);

 private:
  Result<Sender> sender_of(const http::Request& request) const;
  common::awaitable<http::Response> serve(std::string service, std::string bytes, Sender sender);
  common::awaitable<Result<Message>> run(Judgement& judgement, const Sender& sender);
  common::awaitable<http::Response> answer(std::string to, std::string relates_to,
                                           const Operation* operation, Result<Message> reply);
  void log_refusal(const Judgement& judgement, const Error& error, const Sender& sender) const;

  common::Runtime& runtime_;
  Self self_;
  PeerSource& peers_;
  Dispatcher& dispatcher_;
  SoapServerOptions options_;
  ReplayCache seen_;
  SysTime started_;
  std::string challenge_;
};

// The component whose pinned certificate the TLS peer showed; nothing for all others. For routes
// beside SOAP, such as the parts of images.
std::optional<Peer> peer_of(const Peers& peers, const http::Peer& connection);

}  // namespace angophora::soap
