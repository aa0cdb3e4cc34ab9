// What the tests of this folder share: a runtime with a server on loopback, a raw peer that
// sends any bytes, throw-away certificates.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "common/http/client.h"
#include "common/http/server.h"
#include "common/runtime/real_runtime.h"

namespace angophora::http::testing {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using common::Errc;
using common::Error;
using common::RealRuntime;
using common::Runtime;

// A fresh self-signed identity.
TlsIdentity make_identity();
std::string sha256_of_certificate(const TlsIdentity& identity);

// A client in the test's own thread that writes and reads raw bytes, for what a well-behaved
// client never does. Every call gives up after some seconds.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port);
  ~RawPeer();
  void send(std::string_view bytes);
  // All that comes until the other side closes (or `until` has been seen).
  std::string receive(std::string_view until = {});
  // True when the other side closes without another byte.
  bool closed();
  void close();

 private:
  int fd_ = -1;
};

// Runs a server, and the I/O thread beside the test.
class ServerTest : public ::testing::Test {
 protected:
  ServerTest();
  ~ServerTest() override;

  void serve(Handler handler, ServerOptions options = {});
  std::uint16_t port() const { return server_->port(); }
  // What `request` brings, its body read to the end.
  struct Answer {
    int status = 0;
    Headers headers;
    std::string body;
    std::string peer_certificate_der;
  };
  Result<Answer> call(ClientRequest request, ClientOptions options = {});
  Result<Answer> get(std::string target);
  // Sends raw bytes on a fresh connection and returns all that comes back until it is closed.
  std::string raw(std::string_view bytes);
  Url url(std::string target, bool tls = false) const;
  // Runs `f` on the I/O thread and waits for it.
  void on_loop(std::function<void()> f);
  // Runs the coroutine on the I/O thread and waits for it.
  void run(std::function<awaitable<void>(Runtime&)> body);

  RealRuntime runtime_{{.pool_threads = 2, .stop_grace = 5s, .handle_signals = false}};
  std::unique_ptr<Server> server_;
  std::unique_ptr<Client> client_;

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

Handler answering(std::string text);

}  // namespace angophora::http::testing
