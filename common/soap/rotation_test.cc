// Components that enrol anew with other keys: the others reach them without a restart, and the old
// keys are good for nothing from the moment the registry says so.
#include <gtest/gtest.h>

#include "common/http/server.h"
#include "common/runtime/real_runtime.h"
#include "common/soap/soap_channel.h"
#include "common/soap/soap_server.h"
#include "common/soap/testing.h"

namespace angophora::soap {
namespace {
using namespace std::chrono_literals;
using namespace testing;
using common::awaitable;
using Reply = Result<node__GetConsoleOutputResponseType>;

Task<node__GetConsoleOutputResponseType> console(Caller caller, node__GetConsoleOutputType) {
  node__GetConsoleOutputResponseType reply;
  reply.output = caller.name.value;
  co_return reply;
}

// The same component with keys of its own and with other ones.
Self with_keys_of(const std::string& name, const std::string& keys) {
  const auto& owner = self_named(keys);
  return {ServiceName(name), owner.key, owner.certificate};
}

class Rotation : public ::testing::Test {
 protected:
  Rotation() {
    dispatcher_.serve<node::GetConsoleOutput>({Role::cluster}, console);
    serve_with("node-1");
    register_keys("cc-1", "node-1");
  }

  // The node, started with these keys at the address it has had.
  void serve_with(const std::string& keys) {
    server_.reset();
    soap_ = std::make_unique<SoapServer>(runtime_, with_keys_of("node-1", keys), peers_,
                                         dispatcher_, SoapServerOptions{});
    http::ServerOptions options;
    options.port = port_;
    options.allow_plain = false;
    options.tls = tls_identity_of(with_keys_of("node-1", keys));
    options.want_client_certificate = true;
    server_ = http::Server::listen(runtime_, options, [this](http::Request& request) {
                return soap_->handle(request);
              }).value();
    port_ = server_->port();
  }
  // What the registry says from now on.
  void register_keys(const std::string& of_cluster, const std::string& of_node) {
    peers_.replace({peer_of_self(with_keys_of("cc-1", of_cluster), Role::cluster),
                    peer_of_self(with_keys_of("node-1", of_node), Role::node, port_)});
  }
  static awaitable<Reply> ask(Channel& channel) {
    ServiceName to("node-1");
    node__GetConsoleOutputType request;
    request.instanceId = "i-1";
    const CallOptions options(10s, "req");
    co_return co_await call<node::GetConsoleOutput>(channel, to, std::move(request), options);
  }
  static awaitable<void> ask_around(Rotation& test, Channel& before, std::function<void()> change,
                                    Channel& after) {
    auto first = co_await ask(before);
    test.answers_.push_back(std::move(first));
    change();
    auto second = co_await ask(after);
    test.answers_.push_back(std::move(second));
    test.runtime_.stop();
  }
  // Asks through `before`, changes something, asks through `after`.
  const std::vector<Reply>& around(Channel& before, std::function<void()> change, Channel& after) {
    runtime_.spawn("story", ask_around(*this, before, std::move(change), after));
    runtime_.run();
    return answers_;
  }
  SoapChannel cluster_with(const std::string& keys) {
    return SoapChannel(runtime_, with_keys_of("cc-1", keys), peers_, {});
  }

  common::RealRuntime runtime_{{.handle_signals = false}};
  FixedPeers peers_{{}};
  Dispatcher dispatcher_;
  std::uint16_t port_ = 0;
  std::unique_ptr<SoapServer> soap_;
  std::unique_ptr<http::Server> server_;
  std::vector<Reply> answers_;
};

TEST_F(Rotation, ReachesAPeerThatEnrolledAnew) {
  auto channel = cluster_with("cc-1");
  const auto change = [this] {
    serve_with("node-1 anew");
    register_keys("cc-1", "node-1 anew");
  };
  const auto& answers = around(channel, change, channel);
  ASSERT_EQ(answers.size(), 2u);
  ASSERT_TRUE(answers[0]) << answers[0].error().message;
  ASSERT_TRUE(answers[1]) << answers[1].error().message;
}

TEST_F(Rotation, LetsInACallerThatEnrolledAnew) {
  auto before = cluster_with("cc-1"), after = cluster_with("cc-1 anew");
  const auto& answers = around(
      before, [this] { register_keys("cc-1 anew", "node-1"); }, after);
  ASSERT_TRUE(answers[0]) << answers[0].error().message;
  ASSERT_TRUE(answers[1]) << answers[1].error().message;
  EXPECT_EQ(answers[1].value().output, "cc-1");
}

// Also on a connection that was opened when they were good.
TEST_F(Rotation, RefusesTheOldKeysOfACallerAtOnce) {
  auto channel = cluster_with("cc-1");
  const auto& answers = around(
      channel, [this] { register_keys("cc-1 anew", "node-1"); }, channel);
  ASSERT_TRUE(answers[0]) << answers[0].error().message;
  ASSERT_FALSE(answers[1]);
  EXPECT_NE(answers[1].error().message.find("403"), std::string::npos)
      << answers[1].error().message;
}

// Who still answers with the old keys gets no request to read.
TEST_F(Rotation, SendsNothingToTheOldKeysOfAPeer) {
  auto channel = cluster_with("cc-1");
  const auto& answers = around(
      channel, [this] { register_keys("cc-1", "node-1 anew"); }, channel);
  ASSERT_TRUE(answers[0]) << answers[0].error().message;
  ASSERT_FALSE(answers[1]);
  EXPECT_EQ(answers[1].error().code, Errc::permission_denied);
}

}  // namespace
}  // namespace angophora::soap
