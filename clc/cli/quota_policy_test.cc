#include "clc/cli/quota_policy.h"

#include <gtest/gtest.h>

namespace angophora::clc::cli {
namespace {

constexpr char kInstances[] = "ec2:quota-vminstancenumber", kVolumes[] = "ec2:quota-volumenumber";

TEST(QuotaPolicy, BeginsChangesAndEnds) {
  const auto first = change_quota_policy("", {{kInstances, 5}}).value();
  EXPECT_EQ(first,
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Limit","Action":"*","Resource":"*",)"
            R"("Condition":{"NumericLessThanEquals":{"ec2:quota-vminstancenumber":"5"}}}]})");
  const auto second = change_quota_policy(first, {{kInstances, 6}, {kVolumes, 0}}).value();
  EXPECT_EQ(read_quota_policy(second).value(),
            (std::map<std::string, std::int64_t>{{kInstances, 6}, {kVolumes, 0}}));
  const auto third = change_quota_policy(second, {{kInstances, std::nullopt}}).value();
  EXPECT_EQ(read_quota_policy(third).value(), (std::map<std::string, std::int64_t>{{kVolumes, 0}}));
  EXPECT_EQ(change_quota_policy(third, {{kVolumes, std::nullopt}}).value(), "");
  EXPECT_EQ(change_quota_policy("", {{kVolumes, std::nullopt}}).value(), "");
}

TEST(QuotaPolicy, WhatSomebodyElseWroteIsNotLost) {
  const auto ours = change_quota_policy("", {{kInstances, 5}}).value();
  auto narrower = ours;
  narrower.replace(narrower.find(R"("Action":"*")"), 12, R"("Action":"ec2:*")");
  auto wider = ours;
  wider.insert(wider.rfind(']'), R"(,{"Effect":"Deny","Action":"*","Resource":"*"})");
  auto no_text = ours;
  no_text.replace(no_text.find(R"("5")"), 3, "5");
  for (const auto& other : {narrower, wider, no_text, std::string("{}"), std::string("no JSON"),
                            std::string(R"({"Statement":[]})"), std::string("[1]")})
    EXPECT_EQ(change_quota_policy(other, {{kVolumes, 1}}).error().code, common::Errc::corrupt)
        << other;
}

}  // namespace
}  // namespace angophora::clc::cli
