#include "clc/http/throttle.h"

#include <gtest/gtest.h>

#include "clc/http/wire_errors.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;

const AccountId kLoud("123456789012"), kQuiet("210987654321");
constexpr Rate kRate{10, 20};

class ThrottleTest : public ::testing::Test {
 protected:
  bool ask(const AccountId& account, Api api = Api::ec2, const Rate& rate = kRate) {
    return throttle.take(account, api, rate, now).has_value();
  }
  int ask_often(const AccountId& account, int times, Api api = Api::ec2) {
    int served = 0;
    for (int i = 0; i < times; ++i) served += ask(account, api) ? 1 : 0;
    return served;
  }
  Throttle throttle{4};
  common::SteadyTime now{1000s};
};

TEST_F(ThrottleTest, ABurstIsServedAndThenTheRate) {
  EXPECT_EQ(ask_often(kLoud, 1000), 20);
  now += 1s;
  EXPECT_EQ(ask_often(kLoud, 1000), 10);
  now += 50ms;
  EXPECT_EQ(ask_often(kLoud, 1000), 0);
  now += 50ms;
  EXPECT_EQ(ask_often(kLoud, 1000), 1) << "refusals cost nothing";
  now += 1h;
  EXPECT_EQ(ask_often(kLoud, 1000), 20) << "a rest saves up no more than a burst";
}

TEST_F(ThrottleTest, AnothersStormAndAnotherApiAreLeftAlone) {
  ask_often(kLoud, 1000);
  EXPECT_EQ(ask_often(kQuiet, 20), 20);
  EXPECT_EQ(ask_often(kLoud, 20, Api::iam), 20);
  EXPECT_FALSE(ask(kLoud));
}

TEST_F(ThrottleTest, ARateOfNothingLimitsNobody) {
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(ask(kLoud, Api::ec2, Rate{0, 20}));
}

TEST_F(ThrottleTest, ALowerRateCountsAtOnce) {
  EXPECT_TRUE(ask(kLoud));
  int served = 0;
  for (int i = 0; i < 100; ++i) served += ask(kLoud, Api::ec2, Rate{1, 5}) ? 1 : 0;
  EXPECT_EQ(served, 5);
}

TEST_F(ThrottleTest, ForgetsThoseWhoRestAndNotThoseWhoStorm) {
  ask_often(kLoud, 1000);
  for (int i = 0; i < 100; ++i) {
    now += 10ms;
    EXPECT_TRUE(ask(AccountId(std::to_string(i))));
  }
  EXPECT_LE(ask_often(kLoud, 1000), 10);
}

TEST_F(ThrottleTest, IsToldInTheWordsOfEachApi) {
  const Error error(ThrottleErrc::too_fast, "Request limit exceeded.");
  EXPECT_EQ(wire_fault(Api::ec2, error).code, "RequestLimitExceeded");
  EXPECT_EQ(wire_fault(Api::ec2, error).status, 503);
  for (const auto api : {Api::iam, Api::sts}) {
    EXPECT_EQ(wire_fault(api, error).code, "Throttling");
    EXPECT_EQ(wire_fault(api, error).status, 400);
  }
}

}  // namespace
}  // namespace angophora::clc
