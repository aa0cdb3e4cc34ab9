// Groups of users, and policies of users, groups and accounts: what is kept. What policies do is
// shown at the front door (clc/http/authorization_test.cc).
#include <gtest/gtest.h>

#include "clc/domain/identity.h"
#include "clc/domain/policies.h"
#include "clc/store/user_groups.h"
#include "clc/testing/iam_fixture.h"
#include "common/base/encoding.h"
#include "common/policy/document.h"

namespace angophora::clc {
namespace {

using testing::Pairs;
using Names = std::vector<std::string>;

constexpr char kAllow[] =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]})";
constexpr char kLook[] =
    R"({"Statement":{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}})";
constexpr char kAdministrator[] = "arn:aws:iam::aws:policy/AdministratorAccess";

class PolicyActions : public testing::IamFixture {
 protected:
  PolicyActions() {
    ok("CreateUser", {{"UserName", "bea"}, {"Path", "/lab/"}});
    ok("CreateUser", {{"UserName", "cid"}});
    ok("CreateGroup", {{"GroupName", "staff"}, {"Path", "/lab/"}});
  }
  Reply ok(std::string_view action, Pairs pairs = {}) {
    auto reply = call(action, std::move(pairs));
    EXPECT_TRUE(reply) << action << ": " << reply.error().message;
    return reply ? std::move(reply).value() : Reply();
  }
  std::error_code refused(std::string_view action, Pairs pairs) {
    const auto reply = call(action, std::move(pairs));
    return reply ? std::error_code() : reply.error().code;
  }
  Names all(std::string_view action, Pairs pairs, std::string_view path) {
    Names found;
    const auto reply = ok(action, std::move(pairs));
    for (const auto* one : reply.all(path)) found.push_back(one->text());
    return found;
  }
  std::string make_policy(const std::string& name = "look") {
    return ok("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", kLook}})
        .find("Policy/Arn")
        .value_or("");
  }
};

TEST_F(PolicyActions, AGroupComesIsSeenAndGoes) {
  const auto seen = ok("GetGroup", {{"GroupName", "staff"}});
  EXPECT_EQ(seen.find("Group/Arn"), "arn:aws:iam::" + caller.account.value + ":group/lab/staff");
  EXPECT_TRUE(seen.find("Group/GroupId")->starts_with("AGPA"));
  EXPECT_EQ(refused("CreateGroup", {{"GroupName", "STAFF"}}), IdentityErrc::exists);
  EXPECT_EQ(refused("CreateGroup", {{"GroupName", "a b"}}), RequestErrc::invalid_value);
  ok("CreateGroup", {{"GroupName", "other"}});
  EXPECT_EQ(all("ListGroups", {}, "Groups/member/GroupName"), (Names{"other", "staff"}));
  EXPECT_EQ(all("ListGroups", {{"PathPrefix", "/lab/"}}, "Groups/member/GroupName"),
            Names{"staff"});
  ok("UpdateGroup", {{"GroupName", "other"}, {"NewGroupName", "others"}, {"NewPath", "/x/"}});
  EXPECT_EQ(ok("GetGroup", {{"GroupName", "others"}}).find("Group/Path"), "/x/");
  EXPECT_EQ(refused("UpdateGroup", {{"GroupName", "others"}, {"NewGroupName", "staff"}}),
            IdentityErrc::exists);
  ok("DeleteGroup", {{"GroupName", "others"}});
  EXPECT_EQ(refused("GetGroup", {{"GroupName", "others"}}), IdentityErrc::not_found);
}

TEST_F(PolicyActions, GroupsAreListedInPages) {
  for (int i = 0; i < 4; ++i) ok("CreateGroup", {{"GroupName", "g" + std::to_string(i)}});
  const auto first = ok("ListGroups", {{"MaxItems", "3"}});
  EXPECT_EQ(first.all("Groups/member").size(), 3u);
  EXPECT_EQ(first.find("IsTruncated"), "true");
  const auto rest = ok("ListGroups", {{"MaxItems", "3"}, {"Marker", *first.find("Marker")}});
  EXPECT_EQ(rest.all("Groups/member").size(), 2u);
  EXPECT_EQ(rest.find("IsTruncated"), "false");
}

TEST_F(PolicyActions, UsersComeToAGroupAndLeaveIt) {
  for (const auto* user : {"bea", "cid", "bea"})
    ok("AddUserToGroup", {{"GroupName", "staff"}, {"UserName", user}});
  EXPECT_EQ(all("GetGroup", {{"GroupName", "staff"}}, "Users/member/UserName"),
            (Names{"bea", "cid"}));
  EXPECT_EQ(all("ListGroupsForUser", {{"UserName", "cid"}}, "Groups/member/GroupName"),
            Names{"staff"});
  EXPECT_EQ(refused("DeleteUser", {{"UserName", "cid"}}), IdentityErrc::conflict);
  EXPECT_EQ(refused("DeleteGroup", {{"GroupName", "staff"}}), IdentityErrc::conflict);
  ok("RemoveUserFromGroup", {{"GroupName", "staff"}, {"UserName", "cid"}});
  EXPECT_EQ(refused("RemoveUserFromGroup", {{"GroupName", "staff"}, {"UserName", "cid"}}),
            IdentityErrc::not_found);
  ok("DeleteUser", {{"UserName", "cid"}});
  EXPECT_EQ(refused("AddUserToGroup", {{"GroupName", "staff"}, {"UserName", "nobody"}}),
            IdentityErrc::not_found);
  EXPECT_EQ(refused("AddUserToGroup", {{"GroupName", "none"}, {"UserName", "bea"}}),
            IdentityErrc::not_found);
  ok("DeleteGroup", {{"GroupName", "staff"}, {"IsRecursive", "true"}});
  EXPECT_TRUE(all("ListGroupsForUser", {{"UserName", "bea"}}, "Groups/member").empty());
}

TEST_F(PolicyActions, AUserIsInTenGroupsAtMost) {
  for (int i = 0; i < 10; ++i) {
    ok("CreateGroup", {{"GroupName", "g" + std::to_string(i)}});
    ok("AddUserToGroup", {{"GroupName", "g" + std::to_string(i)}, {"UserName", "bea"}});
  }
  EXPECT_EQ(refused("AddUserToGroup", {{"GroupName", "staff"}, {"UserName", "bea"}}),
            IdentityErrc::limit_exceeded);
}

struct InlineActions {
  const char *put, *get, *list, *remove, *remove_owner;
};

TEST_F(PolicyActions, APolicyIsPutOnUsersAndGroupsSeenAndTakenAway) {
  const std::tuple<std::string, std::string, InlineActions> owners[] = {
      {"UserName",
       "bea",
       {"PutUserPolicy", "GetUserPolicy", "ListUserPolicies", "DeleteUserPolicy", "DeleteUser"}},
      {"GroupName",
       "staff",
       {"PutGroupPolicy", "GetGroupPolicy", "ListGroupPolicies", "DeleteGroupPolicy",
        "DeleteGroup"}}};
  for (const auto& [parameter, name, action] : owners) {
    const Pairs owner = {{parameter, name}}, one = {{parameter, name}, {"PolicyName", "p1"}};
    for (const auto* document : {kAllow, kLook}) {
      auto put = one;
      put.emplace_back("PolicyDocument", document);
      ok(action.put, put);
    }
    const auto seen = ok(action.get, one);
    EXPECT_EQ(seen.find("PolicyDocument"), common::percent_encode(kLook)) << "the newest";
    EXPECT_EQ(seen.find(parameter), name);
    EXPECT_EQ(all(action.list, owner, "PolicyNames/member"), Names{"p1"});
    EXPECT_EQ(refused(action.remove_owner, owner), IdentityErrc::conflict);
    ok(action.remove, one);
    EXPECT_EQ(refused(action.remove, one), IdentityErrc::not_found);
    EXPECT_EQ(refused(action.get, one), IdentityErrc::not_found);
    ok(action.remove_owner, owner);
  }
}

TEST_F(PolicyActions, WhatIsNoPolicyIsNotTaken) {
  const auto put = [&](const std::string& document) {
    return refused("PutUserPolicy",
                   {{"UserName", "bea"}, {"PolicyName", "p"}, {"PolicyDocument", document}});
  };
  for (
      const auto* document :
      {"{", "{}", R"({"Statement":[{"Effect":"Perhaps","Action":"*","Resource":"*"}]})",
       R"({"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:Nonsense":"x"}}}]})"})
    EXPECT_EQ(put(document), policy::PolicyErrc::malformed) << document;
  EXPECT_EQ(refused("PutUserPolicy",
                    {{"UserName", "bea"}, {"PolicyName", "a b"}, {"PolicyDocument", kAllow}}),
            RequestErrc::invalid_value);
  EXPECT_EQ(refused("PutUserPolicy",
                    {{"UserName", "nobody"}, {"PolicyName", "p"}, {"PolicyDocument", kAllow}}),
            IdentityErrc::not_found);
}

// 2,048 bytes for all that are part of one user, white space not counted.
TEST_F(PolicyActions, TheRoomOfAUserIsSharedByItsPolicies) {
  const auto document = [](std::size_t size) {
    const std::string head = R"({"Statement":{"Sid":")",
                      tail = R"(","Effect":"Allow","Action":"*","Resource":"*"}})";
    return head + std::string(size - head.size() - tail.size(), 'x') + tail;
  };
  const auto put = [&](const std::string& name, std::size_t size) {
    return refused("PutUserPolicy",
                   {{"UserName", "bea"}, {"PolicyName", name}, {"PolicyDocument", document(size)}});
  };
  EXPECT_EQ(put("p1", 1024), std::error_code());
  EXPECT_EQ(put("p2", 1025), IdentityErrc::limit_exceeded);
  EXPECT_EQ(put("p2", 1024), std::error_code());
  EXPECT_EQ(put("p1", 1000), std::error_code()) << "in place of the one with that name";
  EXPECT_EQ(put("p3", 2049), policy::PolicyErrc::too_large);
}

TEST_F(PolicyActions, AnAccountsPoliciesAreTheAdministrators) {
  const Pairs put = {
      {"AccountName", caller.account_name}, {"PolicyName", "ceiling"}, {"PolicyDocument", kAllow}};
  EXPECT_TRUE(call_as(administrator, "PutAccountPolicy", put));
  const auto seen =
      call_as(administrator, "ListAccountPolicies", {{"AccountName", caller.account_name}});
  EXPECT_EQ(seen.value().find("PolicyNames/member"), "ceiling");
  const Pairs one = {{"AccountName", caller.account_name}, {"PolicyName", "ceiling"}};
  EXPECT_TRUE(call_as(administrator, "GetAccountPolicy", one).value().find("PolicyDocument"));
  EXPECT_TRUE(call_as(administrator, "DeleteAccountPolicy", one));
  EXPECT_EQ(refused("PutAccountPolicy", put), RequestErrc::not_permitted)
      << "also when nobody asked at the front door";
}

TEST_F(PolicyActions, AManagedPolicyComesIsSeenAndGoes) {
  const auto arn = make_policy();
  EXPECT_EQ(arn, "arn:aws:iam::" + caller.account.value + ":policy/look");
  EXPECT_EQ(refused("CreatePolicy", {{"PolicyName", "LOOK"}, {"PolicyDocument", kLook}}),
            IdentityErrc::exists);
  EXPECT_EQ(refused("CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", "{"}}),
            policy::PolicyErrc::malformed);
  const auto seen = ok("GetPolicy", {{"PolicyArn", arn}});
  EXPECT_EQ(seen.find("Policy/AttachmentCount"), "0");
  EXPECT_EQ(seen.find("Policy/DefaultVersionId"), "v1");
  EXPECT_EQ(all("ListPolicies", {{"Scope", "Local"}}, "Policies/member/Arn"), Names{arn});
  EXPECT_GT(all("ListPolicies", {}, "Policies/member/Arn").size(), 5u);
  for (const auto& nobodys :
       {arn + "x", std::string("arn:aws:iam::999999999998:policy/look"),
        "arn:aws:iam::" + caller.account.value + ":policy/lab/look", std::string("nonsense")})
    EXPECT_EQ(refused("GetPolicy", {{"PolicyArn", nobodys}}), IdentityErrc::not_found) << nobodys;
  ok("DeletePolicy", {{"PolicyArn", arn}});
  EXPECT_EQ(refused("DeletePolicy", {{"PolicyArn", arn}}), IdentityErrc::not_found);
}

TEST_F(PolicyActions, VersionsComeOneOfThemIsInForceAndTheyGo) {
  const auto arn = make_policy();
  const auto add = [&](bool in_force) {
    return ok("CreatePolicyVersion", {{"PolicyArn", arn},
                                      {"PolicyDocument", kAllow},
                                      {"SetAsDefault", in_force ? "true" : "false"}})
        .find("PolicyVersion/VersionId")
        .value_or("");
  };
  EXPECT_EQ(add(true), "v2");
  EXPECT_EQ(add(false), "v3");
  EXPECT_EQ(ok("GetPolicy", {{"PolicyArn", arn}}).find("Policy/DefaultVersionId"), "v2");
  EXPECT_EQ(ok("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v1"}})
                .find("PolicyVersion/Document"),
            common::percent_encode(kLook));
  EXPECT_EQ(refused("DeletePolicy", {{"PolicyArn", arn}}), IdentityErrc::conflict);
  EXPECT_EQ(refused("DeletePolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v2"}}),
            IdentityErrc::conflict);
  ok("SetDefaultPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v1"}});
  ok("DeletePolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v2"}});
  EXPECT_EQ(refused("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v2"}}),
            IdentityErrc::not_found);
  EXPECT_EQ(refused("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "2"}}),
            RequestErrc::invalid_value);
  for (int i = 0; i < 3; ++i) add(false);
  EXPECT_EQ(refused("CreatePolicyVersion", {{"PolicyArn", arn}, {"PolicyDocument", kAllow}}),
            IdentityErrc::limit_exceeded);
  EXPECT_EQ(all("ListPolicyVersions", {{"PolicyArn", arn}}, "Versions/member/VersionId").size(),
            5u);
}

TEST_F(PolicyActions, AManagedPolicyIsAttachedAndDetached) {
  const auto arn = make_policy();
  for (const auto& policy : {arn, std::string(kAdministrator)}) {
    ok("AttachUserPolicy", {{"UserName", "bea"}, {"PolicyArn", policy}});
    ok("AttachUserPolicy", {{"UserName", "bea"}, {"PolicyArn", policy}});
  }
  ok("AttachGroupPolicy", {{"GroupName", "staff"}, {"PolicyArn", arn}});
  EXPECT_EQ(
      all("ListAttachedUserPolicies", {{"UserName", "bea"}}, "AttachedPolicies/member/PolicyArn"),
      (Names{arn, kAdministrator}));
  EXPECT_EQ(all("ListAttachedGroupPolicies", {{"GroupName", "staff"}},
                "AttachedPolicies/member/PolicyName"),
            Names{"look"});
  EXPECT_EQ(ok("GetPolicy", {{"PolicyArn", arn}}).find("Policy/AttachmentCount"), "2");
  const auto entities = ok("ListEntitiesForPolicy", {{"PolicyArn", arn}});
  EXPECT_EQ(entities.find("PolicyUsers/member/UserName"), "bea");
  EXPECT_EQ(entities.find("PolicyGroups/member/GroupName"), "staff");
  EXPECT_EQ(all("ListPolicies", {{"OnlyAttached", "true"}}, "Policies/member/Arn").size(), 2u);
  EXPECT_EQ(refused("DeletePolicy", {{"PolicyArn", arn}}), IdentityErrc::conflict);
  EXPECT_EQ(refused("DeleteUser", {{"UserName", "bea"}}), IdentityErrc::conflict);
  EXPECT_EQ(refused("DeleteGroup", {{"GroupName", "staff"}}), IdentityErrc::conflict);
  ok("DetachUserPolicy", {{"UserName", "bea"}, {"PolicyArn", arn}});
  EXPECT_EQ(refused("DetachUserPolicy", {{"UserName", "bea"}, {"PolicyArn", arn}}),
            IdentityErrc::not_found);
  ok("DetachGroupPolicy", {{"GroupName", "staff"}, {"PolicyArn", arn}});
  ok("DeletePolicy", {{"PolicyArn", arn}});
  ok("DeleteUser", {{"UserName", "bea"}, {"IsRecursive", "true"}});
}

TEST_F(PolicyActions, WhatIsEverybodysIsNobodysToChange) {
  for (const auto* action : {"DeletePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion"}) {
    Pairs pairs = {{"PolicyArn", kAdministrator}};
    if (std::string_view(action) == "CreatePolicyVersion")
      pairs.emplace_back("PolicyDocument", kLook);
    if (std::string_view(action) == "SetDefaultPolicyVersion")
      pairs.emplace_back("VersionId", "v1");
    EXPECT_EQ(refused(action, pairs), RequestErrc::not_permitted) << action;
  }
  const auto other = make_account("other");
  ASSERT_TRUE(call_as(other, "CreateUser", {{"UserName", "eve"}}));
  ASSERT_TRUE(
      call_as(other, "AttachUserPolicy", {{"UserName", "eve"}, {"PolicyArn", kAdministrator}}));
  EXPECT_EQ(ok("GetPolicy", {{"PolicyArn", kAdministrator}}).find("Policy/AttachmentCount"), "0")
      << "what others attach is not told";
  EXPECT_FALSE(ok("ListEntitiesForPolicy", {{"PolicyArn", kAdministrator}})
                   .find("PolicyUsers/member/UserName"));
}

TEST_F(PolicyActions, TheDocumentsOfTheCloudsOwnPoliciesAreUnderstood) {
  for (const auto& arn : all("ListPolicies", {{"Scope", "AWS"}}, "Policies/member/Arn")) {
    const auto document = ok("GetPolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v1"}})
                              .find("PolicyVersion/Document");
    const auto text = common::percent_decode(document.value_or(""));
    ASSERT_TRUE(text) << arn;
    EXPECT_TRUE(policy::parse(*text, policy::managed_rules())) << arn << " " << *text;
  }
}

TEST_F(PolicyActions, AllOfItGoesWithTheAccount) {
  const auto other = make_account("other");
  for (const auto& [action, pairs] : std::initializer_list<std::pair<const char*, Pairs>>{
           {"CreateUser", {{"UserName", "eve"}}},
           {"CreateGroup", {{"GroupName", "g"}}},
           {"AddUserToGroup", {{"UserName", "eve"}, {"GroupName", "g"}}},
           {"CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", kLook}}},
           {"AttachUserPolicy", {{"UserName", "eve"}, {"PolicyArn", kAdministrator}}},
           {"PutGroupPolicy",
            {{"GroupName", "g"}, {"PolicyName", "q"}, {"PolicyDocument", kLook}}}})
    ASSERT_TRUE(call_as(other, action, pairs)) << action;
  const Pairs named = {{"AccountName", "other"}, {"Recursive", "true"}};
  const auto gone = call_as(administrator, "DeleteAccount", named);
  EXPECT_TRUE(gone) << gone.error().message;
}

}  // namespace
}  // namespace angophora::clc
