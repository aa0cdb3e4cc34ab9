// Typed delivery between a caller and a dispatcher inside one process.
#include "common/soap/local_channel.h"

#include <gtest/gtest.h>

#include "common/runtime/sim_runtime.h"
#include "common/soap/fault.h"

namespace angophora::soap {
namespace {
using namespace std::chrono_literals;

Task<node__RunInstancesResponseType> accept_all(Caller caller, node__RunInstancesType request) {
  node__RunInstancesResponseType reply;
  for (const auto& instance : request.instances) {
    t__outcome outcome;
    outcome.instanceId = instance.instanceId;
    outcome.accepted = true;
    outcome.reason = caller.name.value + " " + caller.request_id;
    reply.outcomes.push_back(outcome);
  }
  co_return reply;
}

Task<node__ApplyNetworkResponseType> refuse(Caller, node__ApplyNetworkType) {
  co_return Error(Errc::not_found, "tap ango-1 does not exist");
}

Task<node__RebootInstancesResponseType> never(common::Runtime& runtime, Caller,
                                              node__RebootInstancesType) {
  co_await runtime.sleep_for(1h);
  co_return node__RebootInstancesResponseType();
}

class LocalChannelTest : public ::testing::Test {
 protected:
  LocalChannelTest() {
    dispatcher_.serve<node::RunInstances>({Role::cluster}, accept_all);
    dispatcher_.serve<node::ApplyNetwork>({Role::cluster}, refuse);
    dispatcher_.serve<node::RebootInstances>({Role::cluster}, [this](Caller caller, auto request) {
      return never(runtime_, std::move(caller), std::move(request));
    });
    network_.attach(ServiceName("node-1"), dispatcher_);
  }
  template <class Op>
  Result<typename Op::Reply> ask(Role role, typename Op::Request request,
                                 std::string to = "node-1") {
    LocalChannel channel(runtime_, network_, ServiceName("cc-1"), role);
    return world_.run(runtime_, call<Op>(channel, ServiceName(std::move(to)), std::move(request),
                                         CallOptions(2s, "req-7")));
  }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "node"};
  Dispatcher dispatcher_;
  LocalNetwork network_;
};

TEST_F(LocalChannelTest, DeliversRequestAndReplyAsTheyAre) {
  node__RunInstancesType request;
  request.instances.emplace_back().instanceId = "i-1";
  const auto reply = ask<node::RunInstances>(Role::cluster, request);
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply.value().outcomes.size(), 1u);
  EXPECT_EQ(reply.value().outcomes[0].instanceId, "i-1");
  EXPECT_EQ(reply.value().outcomes[0].reason, "cc-1 req-7");
}

TEST_F(LocalChannelTest, KeepsTheCodeOfAnErrorAndItsSentence) {
  const auto reply = ask<node::ApplyNetwork>(Role::cluster, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::not_found);
  EXPECT_EQ(reply.error().message, "tap ango-1 does not exist");
}

TEST_F(LocalChannelTest, RefusesARoleThatMayNotCall) {
  const auto reply = ask<node::RunInstances>(Role::walrus, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, SoapErrc::role_refused);
}

TEST_F(LocalChannelTest, RefusesAnOperationThatIsNotServed) {
  const auto reply = ask<node::DescribeNode>(Role::cluster, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, SoapErrc::unknown_operation);
}

TEST_F(LocalChannelTest, SaysThatAPeerIsNotThere) {
  const auto reply = ask<node::RunInstances>(Role::cluster, {}, "node-2");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
}

TEST_F(LocalChannelTest, GivesUpAfterTheTimeOut) {
  const auto reply = ask<node::RebootInstances>(Role::cluster, {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::timed_out);
}

TEST(DispatcherTest, ServesAnOperationOnceOnly) {
  Dispatcher dispatcher;
  dispatcher.serve<node::RunInstances>({Role::cluster}, accept_all);
  EXPECT_THROW(dispatcher.serve<node::RunInstances>({Role::cluster}, accept_all), std::logic_error);
}

}  // namespace
}  // namespace angophora::soap
