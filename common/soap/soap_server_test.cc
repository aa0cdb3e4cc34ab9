// Signed SOAP over TLS between a channel and a server on loopback.
#include "common/soap/soap_server.h"

#include <gtest/gtest.h>

#include "common/http/server.h"
#include "common/runtime/real_runtime.h"
#include "common/soap/soap_channel.h"
#include "common/soap/testing.h"

namespace angophora::soap {
namespace {
using namespace std::chrono_literals;
using namespace testing;
using common::awaitable;

Task<node__GetConsoleOutputResponseType> console(Caller caller,
                                                 node__GetConsoleOutputType request) {
  if (request.instanceId == "i-missing") co_return Error(Errc::not_found, "i-missing is not here");
  node__GetConsoleOutputResponseType reply;
  reply.output = caller.name.value + " asks for " + request.instanceId;
  reply.timestampMs = request.placementNo;
  co_return reply;
}

Task<node__RebootInstancesResponseType> refused_by_name(Caller, node__RebootInstancesType) {
  co_return Error(std::make_error_code(std::errc::no_link), "the tap is gone");
}

Task<node__ApplyNetworkResponseType> unwritable(Caller, node__ApplyNetworkType) {
  node__ApplyNetworkResponseType reply;
  reply.context.emplace().requestId = "\xff";
  co_return reply;
}

// A node and a cluster controller in one process, on real connections.
class SoapServerTest : public ::testing::Test {
 protected:
  SoapServerTest()
      : peers_({peer_of_self(self_named("cc-1"), Role::cluster),
                peer_of_self(self_named("walrus"), Role::walrus)}) {
    dispatcher_.serve<node::GetConsoleOutput>({Role::cluster}, console);
    dispatcher_.serve<node::RebootInstances>({Role::cluster}, refused_by_name);
    dispatcher_.serve<node::ApplyNetwork>({Role::cluster}, unwritable);
    restart();
  }

  // As a new process would: a new challenge, nothing remembered.
  void restart() {
    soap_ = std::make_unique<SoapServer>(runtime_, self_named("node-1"), peers_, dispatcher_,
                                         SoapServerOptions{});
    if (server_) return;
    http::ServerOptions options;
    options.allow_plain = false;
    options.tls = tls_identity_of(self_named("node-1"));
    options.want_client_certificate = true;
    server_ = http::Server::listen(runtime_, options, [this](http::Request& request) {
                return soap_->handle(request);
              }).value();
    peers_.replace({peer_of_self(self_named("cc-1"), Role::cluster),
                    peer_of_self(self_named("walrus"), Role::walrus),
                    peer_of_self(self_named("node-1"), Role::node, server_->port())});
  }

  template <class Op>
  static awaitable<void> drive(Channel& channel, typename Op::Request request,
                               std::optional<Result<typename Op::Reply>>& into,
                               common::RealRuntime& runtime) {
    ServiceName to("node-1");
    into = co_await call<Op>(channel, std::move(to), std::move(request), CallOptions(10s, "req-9"));
    runtime.stop();
  }
  template <class Op = node::GetConsoleOutput>
  Result<typename Op::Reply> ask(Channel& channel, typename Op::Request request) {
    std::optional<Result<typename Op::Reply>> result;
    runtime_.spawn("test", drive<Op>(channel, std::move(request), result, runtime_));
    runtime_.run();
    return std::move(*result);
  }
  static node__GetConsoleOutputType about(std::string instance) {
    node__GetConsoleOutputType request;
    request.instanceId = std::move(instance);
    request.placementNo = 42;
    return request;
  }
  SoapChannel channel_of(const std::string& name, PeerSource& peers) {
    return SoapChannel(runtime_, self_named(name), peers, {});
  }

  common::RealRuntime runtime_{{.handle_signals = false}};
  FixedPeers peers_;
  Dispatcher dispatcher_;
  std::unique_ptr<SoapServer> soap_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(SoapServerTest, AnswersAPinnedCaller) {
  auto channel = channel_of("cc-1", peers_);
  const auto reply = ask(channel, about("i-1"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply.value().output, "cc-1 asks for i-1");
  EXPECT_EQ(reply.value().timestampMs, 42);
  EXPECT_EQ(reply.value().context->registryVersion, 2);
}

}  // namespace
}  // namespace angophora::soap
