// The judgement over a request: who, to whom, for what, when.
#include "common/soap/judge.h"

#include <gtest/gtest.h>

#include "common/soap/replay_cache.h"
#include "common/soap/testing.h"

namespace angophora::soap {
namespace {
using namespace std::chrono_literals;
using namespace testing;

Task<node__GetConsoleOutputResponseType> nothing(Caller, node__GetConsoleOutputType) {
  co_return node__GetConsoleOutputResponseType();
}
Task<cloud__EnrolResponseType> nobody(Caller, cloud__EnrolType) {
  co_return cloud__EnrolResponseType();
}

class Judge : public ::testing::Test {
 protected:
  Judge() {
    dispatcher_.serve<node::GetConsoleOutput>({Role::cluster}, nothing);
    dispatcher_.serve<cloud::Enrol>({Role::stranger}, nobody);
    receiver_.address = address_of(ServiceName("node-1"));
    receiver_.service = "Node";
    receiver_.started = test_time() - 1h;
    receiver_.challenge = "urn:uuid:challenge";
  }
  static Sender sender(const std::string& name = "cc-1", Role role = Role::cluster) {
    return Sender{ServiceName(name), role, self_named(name).certificate};
  }
  Judgement judged(const std::string& bytes, const Sender& from) {
    return judge_request(bytes, from, receiver_, dispatcher_, now_);
  }
  // The check that refused it; nothing when it was let through.
  std::error_code check(const Addressing& addressing, std::string_view content) {
    const auto judgement = judged(signed_by(self_named("cc-1"), addressing, content), sender());
    if (judgement.refusal) reason_ = judgement.refusal->message;
    return judgement.refusal ? judgement.refusal->code : std::error_code();
  }
  std::error_code check(const Addressing& addressing) {
    return check(addressing, request_content());
  }

  Dispatcher dispatcher_;
  Receiver receiver_;
  SysTime now_ = test_time() + 1s;
  std::string reason_;
};

TEST_F(Judge, LetsAGoodRequestThrough) {
  const auto judgement = judged(signed_request(), sender());
  ASSERT_FALSE(judgement.refusal) << judgement.refusal->message;
  EXPECT_EQ(judgement.operation, &node::GetConsoleOutput::kOperation);
  EXPECT_EQ(judgement.request.get<node__GetConsoleOutputType>()->instanceId, "i-1");
}

TEST_F(Judge, RefusesAMessageForAnotherNode) {
  auto addressing = request_addressing();
  addressing.to = "urn:angophora:service:node-2";
  EXPECT_EQ(check(addressing), SoapErrc::wrong_receiver);
  EXPECT_NE(reason_.find("node-2"), std::string::npos);
  EXPECT_NE(reason_.find("node-1"), std::string::npos);
}

TEST_F(Judge, RefusesAnActionThatIsNotTheBody) {
  auto addressing = request_addressing();
  addressing.action = "urn:angophora:node:1/TerminateInstances";
  EXPECT_EQ(check(addressing), SoapErrc::wrong_action);
  addressing.action = "urn:angophora:cluster:1/GetConsoleOutput";
  EXPECT_EQ(check(addressing), SoapErrc::wrong_action);
}

TEST_F(Judge, RefusesAnOperationOfAnotherService) {
  receiver_.service = "Cluster";
  EXPECT_EQ(check(request_addressing()), SoapErrc::unknown_operation);
  receiver_.service = "Node";
  auto addressing = request_addressing();
  addressing.action = "urn:angophora:node:1/DescribeNode";
  EXPECT_EQ(check(addressing, "<n:DescribeNode xmlns:n=\"urn:angophora:node:1\"></n:DescribeNode>"),
            SoapErrc::unknown_operation);
}

TEST_F(Judge, RefusesARoleThatMayNotCall) {
  const auto bytes = signed_by(self_named("walrus"), request_addressing(), request_content());
  const auto judgement = judged(bytes, sender("walrus", Role::walrus));
  ASSERT_TRUE(judgement.refusal);
  EXPECT_EQ(judgement.refusal->code, SoapErrc::role_refused);
  EXPECT_EQ(judged(bytes, sender("walrus", Role::stranger)).refusal->code, SoapErrc::role_refused);
}

// A component with a good certificate of its own passes on what another one signed.
TEST_F(Judge, RefusesAMessageThatTheConnectionsOwnerDidNotSign) {
  const auto judgement = judged(signed_request(), sender("walrus", Role::cluster));
  ASSERT_TRUE(judgement.refusal);
  EXPECT_EQ(judgement.refusal->code, SoapErrc::unknown_signer);
  EXPECT_EQ(judgement.claimed_message_id, request_addressing().message_id);
}

TEST_F(Judge, RefusesWhatHasExpired) {
  now_ = test_time() + 119s;
  EXPECT_FALSE(check(request_addressing()));
  now_ = test_time() + 121s;
  EXPECT_EQ(check(request_addressing()), SoapErrc::expired);
  EXPECT_NE(reason_.find("clock off by 121 s: that of cc-1 is behind that of node-1, or"),
            std::string::npos)
      << reason_;
}

TEST_F(Judge, RefusesWhatIsFromTheFuture) {
  now_ = test_time() - 59s;
  EXPECT_FALSE(check(request_addressing()));
  now_ = test_time() - 61s;
  EXPECT_EQ(check(request_addressing()), SoapErrc::expired);
  EXPECT_NE(reason_.find("clock off by 61 s: that of cc-1 is ahead of that of node-1"),
            std::string::npos)
      << reason_;
}

TEST_F(Judge, RefusesALifetimeThatIsTooLongOrNegative) {
  auto addressing = request_addressing();
  addressing.expires = addressing.created + 301s;
  EXPECT_EQ(check(addressing), SoapErrc::expired);
  addressing.expires = addressing.created;
  EXPECT_EQ(check(addressing), SoapErrc::expired);
  addressing.expires = addressing.created - 1s;
  EXPECT_EQ(check(addressing), SoapErrc::expired);
  addressing.created = test_time() - 24h * 365 * 100;
  EXPECT_EQ(check(addressing), SoapErrc::expired);
}

TEST_F(Judge, HoldsItselfToTheSkewThatIsSet) {
  receiver_.freshness.clock_skew_max = 5s;
  now_ = test_time() - 6s;
  EXPECT_EQ(check(request_addressing()), SoapErrc::expired);
}

TEST_F(Judge, AsksForAFreshMessageAfterAStart) {
  auto addressing = request_addressing();
  for (const auto since : {-30s, 0s, 30s, 60s}) {
    receiver_.started = test_time() - since;
    EXPECT_EQ(check(addressing), SoapErrc::fresh_message_required) << since.count();
  }
  // No clock that is trusted can have named this time before the start.
  receiver_.started = test_time() - 61s;
  EXPECT_FALSE(check(addressing));
  // What answers the challenge was made after the start.
  receiver_.started = test_time();
  addressing.relates_to = receiver_.challenge;
  EXPECT_FALSE(check(addressing));
  addressing.relates_to = "urn:uuid:of-an-earlier-start";
  EXPECT_EQ(check(addressing), SoapErrc::fresh_message_required);
}

TEST_F(Judge, RefusesASignedBodyThatIsNoRequest) {
  EXPECT_EQ(check(request_addressing(),
                  "<n:GetConsoleOutput xmlns:n=\"urn:angophora:node:1\">"
                  "</n:GetConsoleOutput>"),
            SoapErrc::malformed);
}

TEST(AnswerAddress, MustBeThatOfAnAnswerToTheRequest) {
  VerifiedEnvelope answer;
  answer.addressing.to = "urn:angophora:service:cc-1";
  answer.addressing.action = "urn:angophora:node:1/GetConsoleOutputResponse";
  answer.addressing.relates_to = "urn:uuid:1";
  answer.body_space = "urn:angophora:node:1";
  answer.body_name = "GetConsoleOutputResponse";
  const auto code = [](const VerifiedEnvelope& envelope) {
    const auto checked =
        check_answer_address(envelope, "urn:angophora:service:cc-1",
                             "urn:angophora:node:1/GetConsoleOutput", "urn:uuid:1");
    return checked ? std::error_code() : checked.error().code;
  };
  EXPECT_FALSE(code(answer));
  auto other = answer;
  other.addressing.to = "urn:angophora:service:cc-2";
  EXPECT_EQ(code(other), SoapErrc::wrong_receiver);
  other = answer;
  other.addressing.relates_to = "urn:uuid:2";
  EXPECT_EQ(code(other), SoapErrc::not_an_answer);
  other = answer;
  other.addressing.action = "urn:angophora:node:1/GetConsoleOutput";
  EXPECT_EQ(code(other), SoapErrc::wrong_action);
  other = answer;
  other.body_name = "RunInstancesResponse";
  EXPECT_EQ(code(other), SoapErrc::wrong_action);
}

class Replay : public ::testing::Test {
 protected:
  std::error_code accept(std::string_view id, SysTime until, SysTime now,
                         std::string_view signer = "12345678901234567890") {
    const auto accepted = cache_.accept(signer, id, until, now);
    return accepted ? std::error_code() : accepted.error().code;
  }
  ReplayCache cache_{10, 4};
};

TEST_F(Replay, IsRefusedUntilTheMessageHasExpired) {
  const auto until = test_time() + 60s;
  EXPECT_FALSE(accept("a", until, test_time()));
  EXPECT_EQ(accept("a", until, test_time()), SoapErrc::replayed);
  EXPECT_EQ(accept("a", until, test_time() + 60s), SoapErrc::replayed);
  EXPECT_FALSE(accept("a", until, test_time() + 62s));
  EXPECT_EQ(cache_.size(), 1u);
}

TEST_F(Replay, OfTheSameIdByAnotherSignerIsAnotherMessage) {
  EXPECT_FALSE(accept("a", test_time() + 60s, test_time()));
  EXPECT_FALSE(accept("a", test_time() + 60s, test_time(), "another 20 bytes sig"));
}

TEST_F(Replay, MemoryThatIsFullRefusesAndForgetsNothing) {
  for (const auto* id : {"a", "b", "c", "d"})
    EXPECT_FALSE(accept(id, test_time() + 9s, test_time()));
  EXPECT_EQ(accept("e", test_time() + 9s, test_time()), SoapErrc::overloaded);
  EXPECT_EQ(accept("a", test_time() + 9s, test_time()), SoapErrc::replayed);
  // One signer cannot shut out the others.
  EXPECT_FALSE(accept("e", test_time() + 9s, test_time(), "another 20 bytes sig"));
  // Room comes back with time.
  EXPECT_FALSE(accept("e", test_time() + 99s, test_time() + 11s));
  EXPECT_EQ(cache_.size(), 1u);
}

TEST_F(Replay, MemoryHasALimitForAll) {
  int accepted = 0;
  for (char signer = 'a'; signer < 'a' + 4; ++signer)
    for (const auto* id : {"1", "2", "3"})
      accepted += !accept(id, test_time() + 9s, test_time(), std::string(20, signer));
  EXPECT_EQ(accepted, 10);
}

}  // namespace
}  // namespace angophora::soap
