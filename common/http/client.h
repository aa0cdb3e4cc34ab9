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
  Headers headers;             // Host and Content-Length are filled in when missing
  std::string body;
  // Instead of `body`: called until it returns ""; `body_length` must be set with it.
  BodySource body_source;
  std::optional<std::uint64_t> body_length;
  common::Duration timeout = std::chrono::seconds(30);  // for the header of the answer
  common::Duration progress_timeout = std::chrono::seconds(30);  // between two reads of the body
  bool idempotent = false;     // tried once more on a fresh connection when a kept one broke
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
  std::size_t idle_per_peer_max = 8;
  std::chrono::seconds connect_timeout{5};
};

class Client {
 public:
  Client(common::Runtime& runtime, ClientOptions options);
  ~Client();
  // Errc::unavailable when no connection could be made or it broke before the answer's header,
  // Errc::timed_out, Errc::permission_denied when the peer's certificate is not the wanted one.
  Task<ClientResponse> send(ClientRequest request);

 private:
  struct Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace angophora::http
