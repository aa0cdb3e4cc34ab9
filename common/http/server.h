// The HTTP server of every daemon: plain and TLS on the same port, keep-alive, limits, graceful
// drain. One handler gets every request; routing is its business.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/http/http.h"
#include "common/runtime/runtime.h"

namespace angophora::http {

// A key pair in PEM. `ca` stays empty: certificates are pinned by those who read Peer.
struct TlsIdentity {
  std::string certificate_pem;
  std::string private_key_pem;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 lets the system choose; see Server::port()
  bool allow_plain = true;
  std::optional<TlsIdentity> tls;  // TLS is offered when set
  // TLS clients are asked for a certificate; any is accepted, also none: the handler judges.
  bool want_client_certificate = false;
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t connections_max = 4096;           // more are answered 503 and closed
  std::size_t connections_per_peer_max = 1024;  // the same, of one address
  // A longer body is answered 413 (or fails its reader when it came without a length).
  std::uint64_t body_bytes_max = UINT64_MAX;
  common::Duration idle_timeout = std::chrono::seconds(75);
  common::Duration header_timeout = std::chrono::seconds(20);    // from the first byte to the whole
  common::Duration progress_timeout = std::chrono::seconds(60);  // for each read or write of a body
  // For the whole body of a request, where its size is bounded: whoever has not shown who he is
  // must not hold a connection for as long as he likes.
  std::optional<common::Duration> body_timeout = {};
  // Writes the answers that no handler gives: to malformed requests (400, 408, 413, 417, 431, 501,
  // 505), on a port that speaks TLS only (403), to too many connections (503) and after a handler
  // threw (500). `reason` is for people. Plain text when empty.
  std::function<Response(int status, std::string_view reason)> refusal = {};
};

// Threads: the I/O thread, or before the runtime runs.
class Server {
 public:
  // Binds at once: Errc::io, with address and port in the message, when that fails.
  static Result<std::unique_ptr<Server>> listen(common::Runtime& runtime, ServerOptions options,
                                                Handler handler);
  // Stops accepting, lets requests under way finish (the runtime's grace bounds it), closes idle
  // connections. Called by itself when the runtime stops.
  void drain();
  std::uint16_t port() const;
  ~Server();

 private:
  struct Parts;
  explicit Server(std::shared_ptr<Parts> parts);
  std::shared_ptr<Parts> parts_;
};

}  // namespace angophora::http
