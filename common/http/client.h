// The HTTP client of every daemon and of the operator's command: kept connections per peer,
// deadlines, no redirects, no proxies.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/http/http.h"
#include "common/http/server.h"
#include "common/runtime/runtime.h"

namespace angophora::http {

struct Url {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string target;  // path and query, at least "/"
};
Result<Url> parse_url(std::string_view text);

struct ClientRequest {
  std::string method = "GET";
  Url url;
  Headers headers;  // Host and Content-Length are filled in when missing
  std::string body;
  // Instead of `body`: called until it returns "". Sent in chunks when `body_length` is not set.
  BodySource body_source;
  std::optional<std::uint64_t> body_length;
  common::Duration timeout =
      std::chrono::seconds(30);  // from the whole request to the answer's header
  common::Duration progress_timeout = std::chrono::seconds(30);  // for each step of either body
  bool idempotent = false;  // tried once more on a fresh connection when a kept one broke
  // SHA-256 of the DER certificate the TLS peer must show (raw 32 bytes); empty accepts any.
  std::string peer_sha256;
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::unique_ptr<BodyReader> body;  // read it to the end, or destroy it to drop the connection
  std::string peer_certificate_der;  // of a TLS peer
};

struct ClientOptions {
  std::optional<TlsIdentity> tls;  // shown to TLS peers
  // When set, TLS peers must show a certificate for the URL's host that was issued by one of this
  // PEM file's certificates ("": the system's); otherwise ClientRequest::peer_sha256 alone decides.
  std::optional<std::string> trust_file = {};
  std::size_t idle_per_peer_max = 8;
  common::Duration connect_timeout = std::chrono::seconds(5);  // with the TLS handshake
};

// Threads: the I/O thread.
class Client {
 public:
  // An unusable TLS identity makes every request to a TLS peer fail.
  Client(common::Runtime& runtime, ClientOptions options);
  ~Client();
  // Errc::unavailable when no connection could be made or it broke before the answer's header,
  // Errc::timed_out, Errc::permission_denied when the peer's certificate is not the wanted one,
  // Errc::corrupt when its answer is not HTTP, Errc::invalid_argument when the request is not.
  // The client may be destroyed while requests are under way; they end by themselves.
  Task<ClientResponse> send(ClientRequest request);

 private:
  std::shared_ptr<class ClientPool> pool_;
};

}  // namespace angophora::http
