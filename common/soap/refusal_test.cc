// Every kind of bad message at a component's door, as one table: each gets a signed fault with its
// code, and the log of the refuser names the check, both sides and how far the clocks differ.
#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"
#include "common/soap/codec.h"
#include "common/soap/soap_server.h"
#include "common/soap/testing.h"

namespace angophora::soap {
namespace {
using namespace std::chrono_literals;
using namespace testing;

Task<node__GetConsoleOutputResponseType> console(Caller, node__GetConsoleOutputType) {
  co_return node__GetConsoleOutputResponseType();
}

// A body that has arrived as a whole.
class Bytes final : public http::BodyReader {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }
  Task<std::size_t> read(std::span<char> into) override {
    const auto count = std::min(into.size(), bytes_.size() - at_);
    std::copy_n(bytes_.data() + at_, count, into.data());
    at_ += count;
    co_return count;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

struct Bad {
  std::string name;
  SoapErrc code;
  // From a good message, addressed and signed by cc-1.
  std::function<std::string(Addressing)> make;
  std::string clock_skew_ms = "unknown";  // as it is logged
  std::string connection = "cc-1";        // whose certificate TLS shows
  std::chrono::milliseconds created{0};   // before (-) or after now
};

std::string good(const Addressing& addressing) {
  return signed_by(self_named("cc-1"), addressing, request_content());
}

std::string nested(const Addressing& addressing, int depth) {
  std::string deep;
  for (int i = 0; i < depth; ++i) deep += "<a>";
  for (int i = 0; i < depth; ++i) deep += "</a>";
  return replaced(good(addressing), "<node:instanceId", deep + "<node:instanceId");
}

std::string with_own_key(const Addressing& addressing) {
  const auto bytes = good(addressing);
  return replaced(bytes, piece(bytes, "<ds:KeyInfo>", "</ds:KeyInfo>"),
                  "<ds:KeyInfo><ds:KeyValue></ds:KeyValue></ds:KeyInfo>");
}

std::string for_another(Addressing addressing) {
  addressing.to = "urn:angophora:service:node-2";
  return good(addressing);
}

std::string of_another_action(Addressing addressing) {
  addressing.action = "urn:angophora:node:1/TerminateInstances";
  return good(addressing);
}

std::string lasting(Addressing addressing, std::chrono::seconds lifetime) {
  addressing.expires = addressing.created + lifetime;
  return good(addressing);
}

std::vector<Bad> bad_messages() {
  using A = Addressing;
  return {
      {"Unsigned", SoapErrc::malformed,
       [](A a) {
         const auto bytes = good(a);
         return replaced(bytes, piece(bytes, "<wsse:Security", "</wsse:Security>"), "");
       }},
      {"SignatureMissing", SoapErrc::malformed,
       [](A a) {
         const auto bytes = good(a);
         return replaced(bytes, piece(bytes, "<ds:Signature ", "</ds:Signature>"), "");
       }},
      {"SignedByAnotherThanTheConnectionsOwner", SoapErrc::unknown_signer,
       [](A a) { return signed_by(self_named("walrus"), a, request_content()); }},
      {"UnknownSigner", SoapErrc::unknown_signer,
       [](A a) { return signed_by(self_named("stranger"), a, request_content()); }},
      {"RightCertificateWrongRole", SoapErrc::role_refused,
       [](A a) { return signed_by(self_named("walrus"), a, request_content()); }, "0", "walrus"},
      {"AlteredBody", SoapErrc::bad_signature, [](A a) { return replaced(good(a), "i-1", "i-2"); }},
      {"AlteredHeader", SoapErrc::bad_signature,
       [](A a) { return replaced(good(a), "service:node-1", "service:node-9"); }},
      {"Expired", SoapErrc::expired, good, "-121000", "cc-1", -121s},
      {"FromTheFuture", SoapErrc::expired, good, "75000", "cc-1", 75s},
      {"GoodForTooLong", SoapErrc::expired, [](A a) { return lasting(a, 301s); }, "0"},
      {"GoodForNoTime", SoapErrc::expired, [](A a) { return lasting(a, 0s); }, "0"},
      {"ForAnotherNode", SoapErrc::wrong_receiver, for_another, "0"},
      {"OfAnotherAction", SoapErrc::wrong_action, of_another_action, "0"},
      {"KeyInside", SoapErrc::malformed, with_own_key},
      {"Dtd", SoapErrc::malformed,
       [](A a) {
         return "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>" +
                replaced(good(a), "i-1", "&e;");
       }},
      {"Nested70Deep", SoapErrc::malformed, [](A a) { return nested(a, 70); }},
      {"Nested100000Deep", SoapErrc::malformed, [](A a) { return nested(a, 100'000); }},
      {"TenMegabytesOfText", SoapErrc::malformed, [](A) { return std::string(10 << 20, 'x'); }},
      {"TenMegabytesOfTags", SoapErrc::malformed, [](A) { return std::string(10 << 20, '<'); }},
      {"TenMegabytesOfZeros", SoapErrc::malformed, [](A) { return std::string(10 << 20, '\0'); }},
      {"TenMegabytesBehindTheMessage", SoapErrc::malformed,
       [](A a) { return good(a) + std::string(10 << 20, 'x'); }},
      {"NoXml", SoapErrc::malformed, [](A) { return std::string("{\"Envelope\": 1}"); }},
      {"Empty", SoapErrc::malformed, [](A) { return std::string(); }},
      {"BodyThatIsNoRequest", SoapErrc::malformed,
       [](A a) {
         return signed_by(self_named("cc-1"), a,
                          "<n:GetConsoleOutput xmlns:n=\"urn:angophora:node:1\">"
                          "</n:GetConsoleOutput>");
       },
       "0"},
      {"NotServedHere", SoapErrc::unknown_operation,
       [](A a) {
         a.action = "urn:angophora:node:1/RebootInstances";
         return signed_by(self_named("cc-1"), a,
                          "<n:RebootInstances xmlns:n=\"urn:angophora:node:1\">"
                          "</n:RebootInstances>");
       },
       "0"},
  };
}

// The door of node-1, which knows cc-1 and walrus and was opened long ago.
class Refusal : public ::testing::TestWithParam<std::size_t> {
 protected:
  Refusal()
      : peers_({peer_of_self(self_named("cc-1"), Role::cluster),
                peer_of_self(self_named("walrus"), Role::walrus)}) {
    dispatcher_.serve<node::GetConsoleOutput>({Role::cluster}, console);
    open_door();
    world_.run_for(10min);
  }
  ~Refusal() override { runtime_.kill(); }

  void open_door() {
    soap_ = std::make_unique<SoapServer>(runtime_, self_named("node-1"), peers_, dispatcher_,
                                         SoapServerOptions{});
  }
  Addressing addressing(std::chrono::milliseconds created = {}) {
    auto made = request_addressing();
    made.created = runtime_.now() + created;
    made.expires = made.created + 60s;
    return made;
  }
  http::Response send(std::string bytes, const std::string& connection = "cc-1") {
    Bytes body(std::move(bytes));
    http::Request request;
    request.method = "POST";
    request.target = "/services/Node";
    request.headers.set("Content-Type", "text/xml");
    request.peer.address = "192.0.2.2";
    request.peer.tls = true;
    request.peer.certificate_der = self_named(connection).certificate.der();
    request.body = &body;
    return world_.run(runtime_, soap_->handle(request));
  }
  static Fault fault_in(const http::Response& response) {
    const auto envelope = verify_envelope(std::get<std::string>(response.body), key_of_node);
    EXPECT_TRUE(envelope) << envelope.error().message;
    return envelope ? decode_fault(envelope.value().body).value() : Fault{};
  }
  static std::optional<crypto::PublicKey> key_of_node(std::string_view) {
    return self_named("node-1").certificate.public_key();
  }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "node-1"};
  FixedPeers peers_;
  Dispatcher dispatcher_;
  std::unique_ptr<SoapServer> soap_;
};

TEST_P(Refusal, GetsAFaultAndALineInTheLog) {
  const auto bad = bad_messages()[GetParam()];
  const auto bytes = bad.make(addressing(bad.created));
  ::testing::internal::CaptureStderr();
  const auto response = send(bytes, bad.connection);
  const auto line = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(fault_in(response).code, to_string(bad.code));
  const auto says = [&](const std::string& words) {
    EXPECT_NE(line.find(" " + words + " "), std::string::npos) << words << "\n" << line;
  };
  says("level=warn");
  says("event=soap.refused");
  says("check=" + std::error_code(bad.code).message());
  says("from=" + bad.connection);
  says("to=node-1");
  says("clock_skew_ms=" + bad.clock_skew_ms);
  EXPECT_NE(line.find(" reason="), std::string::npos) << line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
}

INSTANTIATE_TEST_SUITE_P(Of, Refusal, ::testing::Range<std::size_t>(0, bad_messages().size()),
                         [](const auto& at) { return bad_messages()[at.param].name; });

using Door = Refusal;

TEST_F(Door, LetsTheGoodOneThroughThatTheBadOnesAreMadeOf) {
  EXPECT_EQ(send(good(addressing())).status, 200);
}

TEST_F(Door, RefusesAReplayAlsoAfterARestart) {
  const auto bytes = good(addressing());
  EXPECT_EQ(send(bytes).status, 200);
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(fault_in(send(bytes)).code, to_string(SoapErrc::replayed));
  const auto line = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find(" check=" + std::error_code(SoapErrc::replayed).message() + " "),
            std::string::npos)
      << line;
  EXPECT_NE(line.find(" from=cc-1 "), std::string::npos) << line;
  open_door();  // as a new process would: nothing remembered
  EXPECT_EQ(fault_in(send(bytes)).code, to_string(SoapErrc::fresh_message_required));
  // Waiting does not help: by the time the door is long open the message has expired.
  world_.run_for(2min + 1s);
  EXPECT_EQ(fault_in(send(bytes)).code, to_string(SoapErrc::expired));
}

// Nobody of the cloud: no fault is made for them, but the log knows.
TEST_F(Door, TurnsAwayAnUnknownCertificate) {
  ::testing::internal::CaptureStderr();
  const auto response = send(good(addressing()), "stranger");
  const auto line = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(response.status, 403);
  EXPECT_NE(line.find("event=soap.refused"), std::string::npos) << line;
  EXPECT_NE(line.find("from_address=192.0.2.2"), std::string::npos) << line;
  EXPECT_NE(line.find("stranger"), std::string::npos) << line;
}

}  // namespace
}  // namespace angophora::soap
