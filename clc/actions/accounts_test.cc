// CreateAccount and what follows: accounts, their aliases, their end.
#include <gtest/gtest.h>

#include "clc/domain/identity.h"
#include "clc/store/security_groups.h"
#include "clc/testing/iam_fixture.h"

namespace angophora::clc {
namespace {

class AccountActions : public testing::IamFixture {
 protected:
  std::error_code refused(const Caller& who, std::string_view action, testing::Pairs pairs) {
    const auto reply = call_as(who, action, std::move(pairs));
    return reply ? std::error_code() : reply.error().code;
  }
  std::vector<std::string> texts(const Caller& who, std::string_view action, std::string_view path,
                                 testing::Pairs pairs = {}) {
    std::vector<std::string> found;
    const auto reply = call_as(who, action, std::move(pairs));
    EXPECT_TRUE(reply) << reply.error().message;
    for (const auto* element : reply.value().all(path)) found.push_back(element->text());
    return found;
  }
  std::vector<std::string> account_names() {
    return texts(administrator, "ListAccounts", "Accounts/member/AccountName");
  }
};

using Names = std::vector<std::string>;

TEST_F(AccountActions, AnAccountHasANumberARootAndANetwork) {
  const auto reply = call_as(administrator, "CreateAccount", {{"AccountName", "research"}}).value();
  EXPECT_EQ(reply.find("Account/AccountName"), "research");
  const AccountId id(reply.find("Account/AccountId").value());
  EXPECT_TRUE(is_account_number(id.value)) << id.value;
  EXPECT_EQ(reply.find("Account/CanonicalId")->size(), 64u);
  const auto root = caller_named(id, "admin");
  EXPECT_TRUE(root.is_root);
  EXPECT_FALSE(root.cloud_administrator);
  EXPECT_EQ(
      call_as(root, "DescribeSecurityGroups").value().find("securityGroupInfo/item/groupName"),
      "default");
  EXPECT_TRUE(write([=](Tx& tx) { return find_default_vpc(tx, id); }).value());
  EXPECT_EQ(texts(root, "ListAccessKeys", "AccessKeyMetadata/member/AccessKeyId"), Names{});
}

TEST_F(AccountActions, AnAccountWithoutANameIsCalledByItsNumber) {
  const auto reply = call_as(administrator, "CreateAccount").value();
  EXPECT_EQ(reply.find("Account/AccountName"), reply.find("Account/AccountId"));
  const auto root = caller_named(AccountId(*reply.find("Account/AccountId")), "admin");
  EXPECT_EQ(texts(root, "ListAccountAliases", "AccountAliases/member"), Names{});
}

TEST_F(AccountActions, AllAreListed) {
  EXPECT_EQ(account_names(), (Names{"ana", "angophora", "eve"}));
}

TEST_F(AccountActions, NamesAreCheckedAndUsedOnce) {
  for (const auto* name : {"ab", "Ana", "-ana", "ana-", "a--b", "a_b", "123456789012", "ana maria"})
    EXPECT_EQ(refused(administrator, "CreateAccount", {{"AccountName", name}}),
              RequestErrc::invalid_value)
        << name;
  for (const auto* name : {"ana", "angophora"})
    EXPECT_EQ(refused(administrator, "CreateAccount", {{"AccountName", name}}),
              IdentityErrc::exists);
  ASSERT_TRUE(call("CreateAccountAlias", {{"AccountAlias", "anas-place"}}));
  EXPECT_EQ(refused(administrator, "CreateAccount", {{"AccountName", "anas-place"}}),
            IdentityErrc::exists);
  EXPECT_EQ(account_names().size(), 3u);
}

TEST_F(AccountActions, AnAliasTakesThePlaceOfTheOneBefore) {
  EXPECT_EQ(texts(caller, "ListAccountAliases", "AccountAliases/member"), Names{"ana"});
  ASSERT_TRUE(call("CreateAccountAlias", {{"AccountAlias", "first"}}));
  ASSERT_TRUE(call("CreateAccountAlias", {{"AccountAlias", "second"}}));
  ASSERT_TRUE(call("CreateAccountAlias", {{"AccountAlias", "second"}}));
  EXPECT_EQ(texts(caller, "ListAccountAliases", "AccountAliases/member"), Names{"second"});
  EXPECT_EQ(refused(caller, "DeleteAccountAlias", {{"AccountAlias", "first"}}),
            IdentityErrc::not_found);
  ASSERT_TRUE(call("DeleteAccountAlias", {{"AccountAlias", "second"}}));
  EXPECT_EQ(texts(caller, "ListAccountAliases", "AccountAliases/member"), Names{});
}

TEST_F(AccountActions, NobodyTakesTheNameOrAliasOfAnother) {
  ASSERT_TRUE(call("CreateAccountAlias", {{"AccountAlias", "garden"}}));
  for (const auto* alias : {"garden", "ana", "angophora"})
    EXPECT_EQ(refused(stranger, "CreateAccountAlias", {{"AccountAlias", alias}}),
              IdentityErrc::exists)
        << alias;
  EXPECT_EQ(refused(stranger, "DeleteAccountAlias", {{"AccountAlias", "garden"}}),
            IdentityErrc::not_found);
  EXPECT_EQ(refused(stranger, "CreateAccountAlias", {{"AccountAlias", "No!"}}),
            RequestErrc::invalid_value);
  EXPECT_TRUE(call("CreateAccountAlias", {{"AccountAlias", "ana"}}));
}

TEST_F(AccountActions, TheAdministratorActsForAnAccountByNumberNameAndAlias) {
  ASSERT_TRUE(call("CreateAccountAlias", {{"AccountAlias", "garden"}}));
  for (const auto& name : {caller.account.value, std::string("ana"), std::string("garden")})
    EXPECT_EQ(
        call_as(administrator, "GetUser", {{"DelegateAccount", name}}).value().find("User/Arn"),
        caller.user_arn);
  EXPECT_EQ(refused(administrator, "GetUser", {{"DelegateAccount", "nobody"}}),
            IdentityErrc::not_found);
}

TEST_F(AccountActions, NobodyElseActsForAnotherAccount) {
  for (const auto& name : {stranger.account.value, std::string("eve"), std::string("nobody")})
    EXPECT_EQ(refused(caller, "ListUsers", {{"DelegateAccount", name}}),
              RequestErrc::not_permitted);
}

TEST_F(AccountActions, TheSummaryCounts) {
  const auto value = [this](const std::string& key) {
    const auto reply = call("GetAccountSummary").value();
    for (const auto* entry : reply.all("SummaryMap/entry"))
      if (entry->find("key") == key) return *entry->find("value");
    return std::string();
  };
  EXPECT_EQ(value("Users"), "0");
  EXPECT_EQ(value("AccountAccessKeysPresent"), "0");
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  ASSERT_TRUE(call("CreateAccessKey"));
  EXPECT_EQ(value("Users"), "1");
  EXPECT_EQ(value("AccountAccessKeysPresent"), "1");
  EXPECT_EQ(value("UsersQuota"), "5000");
  EXPECT_EQ(value("AccessKeysPerUserQuota"), "2");
}

TEST_F(AccountActions, AnEmptyAccountGoesWithItsRootAndKeys) {
  const auto key = call("CreateAccessKey").value().find("AccessKey/AccessKeyId").value();
  ASSERT_TRUE(call("CreateSigningCertificate"));
  ASSERT_TRUE(call_as(administrator, "DeleteAccount", {{"AccountName", "ana"}}));
  EXPECT_EQ(account_names(), (Names{"angophora", "eve"}));
  EXPECT_EQ(refused(caller, "GetUser", {}), IdentityErrc::not_found);
  EXPECT_FALSE(write([=, this](Tx& tx) { return find_default_vpc(tx, caller.account); }).value());
  EXPECT_EQ(refused(administrator, "DeleteAccount", {{"AccountName", "ana"}}),
            IdentityErrc::not_found);
  EXPECT_TRUE(call_as(administrator, "CreateAccount", {{"AccountName", "ana"}}));
}

TEST_F(AccountActions, AnAccountThatHasSomethingGoesOnlyWithAllOfIt) {
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  ASSERT_TRUE(call("CreateAccessKey", {{"UserName", "bea"}}));
  EXPECT_EQ(refused(administrator, "DeleteAccount", {{"AccountName", "ana"}}),
            IdentityErrc::conflict);
  ASSERT_TRUE(call("DeleteUser", {{"UserName", "bea"}, {"IsRecursive", "true"}}));
  ASSERT_TRUE(call("CreateKeyPair", {{"KeyName", "k"}}));
  EXPECT_EQ(refused(administrator, "DeleteAccount", {{"AccountName", "ana"}}),
            IdentityErrc::conflict);
  ASSERT_TRUE(call("CreateSecurityGroup", {{"GroupName", "g"}, {"GroupDescription", "g"}}));
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  ASSERT_TRUE(
      call_as(administrator, "DeleteAccount", {{"AccountName", "ana"}, {"Recursive", "true"}}));
  EXPECT_EQ(account_names(), (Names{"angophora", "eve"}));
}

TEST_F(AccountActions, TheAccountThatRunsTheCloudStays) {
  for (const auto& name : {std::string("angophora"), administrator.account.value})
    EXPECT_EQ(
        refused(administrator, "DeleteAccount", {{"AccountName", name}, {"Recursive", "true"}}),
        IdentityErrc::conflict);
}

TEST_F(AccountActions, ARuleForTheGroupOfAGoneAccountGoesToo) {
  const auto group_of = [this](const Caller& who) {
    return GroupId(call_as(who, "DescribeSecurityGroups")
                       .value()
                       .find("securityGroupInfo/item/groupId")
                       .value());
  };
  SecurityGroupRule rule;  // as older databases may have it
  rule.id = RuleId("sgr-00000001");
  rule.group = group_of(stranger);
  rule.key = {"tcp", 1, 1, "", group_of(caller)};
  rule.source_account = caller.account;
  ASSERT_TRUE(write([=](Tx& tx) { return SecurityGroups(tx).insert_rule(rule); }));
  ASSERT_TRUE(call_as(administrator, "DeleteAccount", {{"AccountName", "ana"}}));
  const auto left = write([=](Tx& tx) { return SecurityGroups(tx).find_any(rule.group); });
  for (const auto& other : left.value()->rules) EXPECT_NE(other.id, rule.id);
}

}  // namespace
}  // namespace angophora::clc
