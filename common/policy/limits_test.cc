#include "common/policy/limits.h"

#include <fmt/format.h>

#include "common/policy/policy_testing.h"

namespace angophora::policy::testing {
namespace {

std::string limit_json(std::string_view rest) {
  return fmt::format(R"({{"Statement":[{{"Effect":"Limit","Resource":"*",{}}}]}})", rest);
}

NamedPolicy limits(std::string_view action, int instances) {
  const auto json = limit_json(fmt::format(
      R"("Action":"{}","Condition":{{"NumericLessThanEquals":{{"ec2:quota-vminstancenumber":"{}","ec2:quota-cputotalsize":64}}}})",
      action, instances));
  auto document = parse(json, account_rules());
  if (!document) throw std::runtime_error(document.error().message);
  return {"quotas", document.value()};
}

TEST(Limits, TheSmallestThatSpeaksOfTheActionCounts) {
  const std::vector<NamedPolicy> policies{limits("ec2:RunInstances", 16), limits("ec2:*", 8),
                                          limits("s3:*", 1)};
  EXPECT_EQ(limit(policies, "ec2:quota-vmInstanceNumber", "ec2:RunInstances"), 8);
  EXPECT_EQ(limit(policies, "ec2:quota-cputotalsize", "ec2:RunInstances"), 64);
  EXPECT_EQ(limit(policies, "ec2:quota-volumenumber", "ec2:CreateVolume"), std::nullopt);
  EXPECT_EQ(limit({}, "ec2:quota-vminstancenumber", "ec2:RunInstances"), std::nullopt);
}

TEST(Limits, NeitherAllowNorDenyNorMakeACeiling) {
  Policies policies{.account = {limits("*", 0)}};
  const Request request{.action = "ec2:RunInstances", .resource = "*"};
  EXPECT_EQ(decide(alice(), policies, request).why, Why::no_identity_statement);
  policies.identity = {allow("ec2:*")};
  EXPECT_TRUE(decide(alice(), policies, request).allowed);
}

TEST(Limits, TellTheirKeysOnce) {
  const auto json = limit_json(
      R"("Action":"*","Condition":{"NumericLessThanEquals":{"ec2:quota-VolumeNumber":"1","ec2:quota-imagenumber":"2"}})");
  EXPECT_EQ(limited_keys(parse(json, account_rules()).value()),
            (std::vector<std::string>{"ec2:quota-imagenumber", "ec2:quota-volumenumber"}));
  EXPECT_TRUE(limited_keys(allow("*").document).empty());
}

TEST(Limits, AreReadStrictly) {
  const auto refused = [](std::string_view rest) {
    const auto document = parse(limit_json(rest), account_rules());
    return document ? std::string("taken") : document.error().message;
  };
  const auto with = [&](std::string_view condition) {
    return refused(fmt::format(R"("Action":"ec2:*","Condition":{{{}}})", condition));
  };
  EXPECT_EQ(with(R"("NumericLessThanEquals":{"ec2:quota-volumenumber":"0"})"), "taken");
  EXPECT_NE(refused(R"("Action":"ec2:*")").find("Limit needs a Condition"), std::string::npos);
  for (const auto* condition :
       {R"("NumericLessThan":{"ec2:quota-volumenumber":"5"})",
        R"("NumericLessThanEquals":{"ec2:quota-volumes":"5"})",
        R"("NumericLessThanEquals":{"s3:max-keys":"5"})",
        R"("NumericLessThanEquals":{"ec2:quota-volumenumber":"-1"})",
        R"("NumericLessThanEquals":{"ec2:quota-volumenumber":"1.5"})",
        R"("NumericLessThanEquals":{"ec2:quota-volumenumber":["1","2"]})",
        R"("NumericLessThanEquals":{})",
        R"("NumericLessThanEquals":{"ec2:quota-volumenumber":"99999999999999999999"})"})
    EXPECT_TRUE(with(condition).starts_with("statement 1: "))
        << condition << ": " << with(condition);
}

TEST(Limits, AreForAccountsUsersAndGroupsOnly) {
  const auto json = limit_json(
      R"("Action":"ec2:*","Condition":{"NumericLessThanEquals":{"ec2:quota-volumenumber":"5"}})");
  for (const auto& rules : {account_rules(), user_inline_rules(), group_inline_rules()})
    EXPECT_TRUE(parse(json, rules));
  for (const auto& rules : {managed_rules(), role_inline_rules(), session_rules()})
    EXPECT_FALSE(parse(json, rules));
  // A quota is no condition of anything else.
  EXPECT_FALSE(parse(R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
      "Condition":{"NumericLessThanEquals":{"ec2:quota-volumenumber":"5"}}}})",
                     account_rules()));
}

}  // namespace
}  // namespace angophora::policy::testing
