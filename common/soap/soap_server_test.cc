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

TEST_F(SoapServerTest, HandsBackAnErrorOfTheOperation) {
  auto channel = channel_of("cc-1", peers_);
  const auto reply = ask(channel, about("i-missing"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::not_found);
  EXPECT_EQ(reply.error().message, "i-missing is not here");
}

TEST_F(SoapServerTest, NamesAnErrorThatOnlyThePeerKnows) {
  auto channel = channel_of("cc-1", peers_);
  const auto reply = ask<node::RebootInstances>(channel, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, SoapErrc::refused_by_peer);
  EXPECT_NE(reply.error().message.find("the tap is gone"), std::string::npos);
}

TEST_F(SoapServerTest, AnswersWithAFaultWhenItsReplyCannotBeWritten) {
  auto channel = channel_of("cc-1", peers_);
  const auto reply = ask<node::ApplyNetwork>(channel, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::internal);
}

TEST_F(SoapServerTest, RefusesARoleThatMayNotCall) {
  auto channel = channel_of("walrus", peers_);
  const auto reply = ask(channel, about("i-1"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, SoapErrc::role_refused);
}

TEST_F(SoapServerTest, RefusesACertificateThatIsNotInTheRegistry) {
  auto channel = channel_of("stranger", peers_);
  const auto reply = ask(channel, about("i-1"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
  EXPECT_NE(reply.error().message.find("403"), std::string::npos) << reply.error().message;
}

// Somebody else answers at the node's address.
TEST_F(SoapServerTest, TalksOnlyToThePinnedCertificate) {
  FixedPeers other({peer_of_self(self_named("walrus"), Role::node, server_->port())});
  auto mistaken = peer_of_self(self_named("walrus"), Role::node, server_->port());
  mistaken.name = ServiceName("node-1");
  other.replace({mistaken});
  auto channel = channel_of("cc-1", other);
  const auto reply = ask(channel, about("i-1"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::permission_denied);
}

TEST_F(SoapServerTest, SaysWhenAPeerIsNotInTheRegistry) {
  FixedPeers nobody({});
  auto channel = channel_of("cc-1", nobody);
  const auto reply = ask(channel, about("i-1"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
}

TEST_F(SoapServerTest, SaysWhenNobodyAnswers) {
  const auto port = server_->port();
  server_.reset();
  FixedPeers gone({peer_of_self(self_named("node-1"), Role::node, port)});
  auto channel = channel_of("cc-1", gone);
  const auto reply = ask(channel, about("i-1"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
}

// What a peer may send by hand: bytes over a connection with a pinned certificate.
class RawSoapTest : public SoapServerTest {
 protected:
  struct Answer {
    int status = 0;
    std::string body;
  };
  static awaitable<void> exchange_one(http::Client& client, http::ClientRequest request,
                                      std::vector<Answer>& answers) {
    auto response = co_await client.send(std::move(request));
    if (!response) co_return;
    auto body = co_await response.value().body->read_all(1 << 20);
    answers.push_back({response.value().status, body ? body.value() : std::string()});
  }
  static awaitable<void> drive_raw(http::Client& client, std::vector<http::ClientRequest> requests,
                                   std::vector<Answer>& answers, common::RealRuntime& runtime) {
    for (auto& request : requests) co_await exchange_one(client, std::move(request), answers);
    runtime.stop();
  }
  // One message after a start, a second that meets the challenge, the same again, and once more
  // after a restart.
  static awaitable<void> replay(RawSoapTest& test, http::Client& client,
                                std::vector<Answer>& answers) {
    auto addressing = test.now();
    auto first = test.post(signed_by(self_named("cc-1"), addressing, request_content()));
    co_await exchange_one(client, std::move(first), answers);
    addressing.relates_to = fault_in(answers[0].body, addressing.message_id).challenge;
    const auto bytes = signed_by(self_named("cc-1"), addressing, request_content());
    for (int i = 0; i < 3; ++i) {
      if (i == 2) test.restart();
      auto request = test.post(bytes);
      co_await exchange_one(client, std::move(request), answers);
    }
    test.runtime_.stop();
  }
  std::vector<Answer> send(std::vector<http::ClientRequest> requests,
                           const std::string& name = "cc-1") {
    http::ClientOptions options;
    if (!name.empty()) options.tls = tls_identity_of(self_named(name));
    http::Client client(runtime_, options);
    std::vector<Answer> answers;
    runtime_.spawn("raw", drive_raw(client, std::move(requests), answers, runtime_));
    runtime_.run();
    return answers;
  }
  http::ClientRequest post(std::string body) const {
    http::ClientRequest request;
    request.method = "POST";
    request.url.tls = true;
    request.url.host = "127.0.0.1";
    request.url.port = server_->port();
    request.url.target = "/services/Node";
    request.headers.set("Content-Type", "text/xml; charset=utf-8");
    request.body = std::move(body);
    return request;
  }
  // A request of cc-1, fresh now.
  Addressing now() {
    auto addressing = request_addressing();
    addressing.created = runtime_.now();
    addressing.expires = addressing.created + 60s;
    return addressing;
  }
  static Fault fault_in(const std::string& bytes, const std::string& relates_to) {
    const auto envelope = verify_envelope(bytes, [](std::string_view) {
      return std::optional<crypto::PublicKey>(self_named("node-1").certificate.public_key());
    });
    EXPECT_TRUE(envelope) << bytes;
    if (!envelope) return {};
    EXPECT_EQ(envelope.value().addressing.relates_to, relates_to);
    return decode_fault(envelope.value().body).value();
  }
};

TEST_F(RawSoapTest, RefusesAReplayBeforeAndAfterARestart) {
  std::vector<Answer> answers;
  http::ClientOptions options;
  options.tls = tls_identity_of(self_named("cc-1"));
  http::Client client(runtime_, options);
  runtime_.spawn("replay", replay(*this, client, answers));
  runtime_.run();
  ASSERT_EQ(answers.size(), 4u);
  const auto code = [&](std::size_t at) {
    return fault_in(answers[at].body, now().message_id).code;
  };
  EXPECT_EQ(code(0), to_string(SoapErrc::fresh_message_required));
  EXPECT_EQ(answers[1].status, 200);
  EXPECT_EQ(code(2), to_string(SoapErrc::replayed));
  EXPECT_EQ(code(3), to_string(SoapErrc::fresh_message_required));
}

TEST_F(RawSoapTest, RefusesOtherMethodsPathsAndContentTypes) {
  auto get = post("");
  get.method = "GET";
  auto other_path = post("<x/>");
  other_path.url.target = "/elsewhere";
  auto json = post("{}");
  json.headers.set("Content-Type", "application/json");
  const auto answers = send({get, other_path, json});
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0].status, 405);
  EXPECT_EQ(answers[1].status, 404);
  EXPECT_EQ(answers[2].status, 415);
}

TEST_F(RawSoapTest, AnswersJunkWithASignedFault) {
  const auto answers = send({post("junk"), post("<a/>"), post(std::string(1 << 20, '<'))});
  ASSERT_EQ(answers.size(), 3u);
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(fault_in(answer.body, "").code, to_string(SoapErrc::malformed));
  }
}

TEST_F(RawSoapTest, RefusesAMessageThatIsTooLong) {
  const auto answers = send({post(std::string((16 << 20) + 1, 'x'))});
  // The answer may be lost when the connection is closed on the rest of the message.
  for (const auto& answer : answers) EXPECT_EQ(answer.status, 413);
}

TEST_F(RawSoapTest, RefusesAPeerWithoutCertificate) {
  for (const auto& answer : send({post(signed_request())}, "")) EXPECT_EQ(answer.status, 403);
}

}  // namespace
}  // namespace angophora::soap
