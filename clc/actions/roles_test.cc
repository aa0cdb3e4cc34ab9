// Roles and instance profiles: what is kept. Who may take on a role is shown at the front door.
#include <gtest/gtest.h>

#include "clc/domain/identity.h"
#include "clc/domain/roles.h"
#include "clc/store/identity_changes.h"
#include "clc/testing/iam_fixture.h"
#include "common/base/encoding.h"
#include "common/policy/document.h"

namespace angophora::clc {
namespace {

using testing::Pairs;
using Names = std::vector<std::string>;

constexpr char kTrust[] =
    R"({"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},)"
    R"("Action":"sts:AssumeRole"}})";
constexpr char kLook[] =
    R"({"Statement":{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}})";
constexpr char kAdministrator[] = "arn:aws:iam::aws:policy/AdministratorAccess";

class RoleActions : public testing::IamFixture {
 protected:
  RoleActions() { make_role("ops"); }
  Reply ok(std::string_view action, Pairs pairs = {}) {
    auto reply = call(action, std::move(pairs));
    EXPECT_TRUE(reply) << action << ": " << reply.error().message;
    return reply ? std::move(reply).value() : Reply();
  }
  std::error_code refused(std::string_view action, Pairs pairs) {
    const auto reply = call(action, std::move(pairs));
    return reply ? std::error_code() : reply.error().code;
  }
  Reply make_role(const std::string& name, Pairs more = {}) {
    more.emplace_back("RoleName", name);
    more.emplace_back("AssumeRolePolicyDocument", kTrust);
    return ok("CreateRole", std::move(more));
  }
  Names all(std::string_view action, Pairs pairs, std::string_view path) {
    Names found;
    const auto reply = ok(action, std::move(pairs));
    for (const auto* one : reply.all(path)) found.push_back(one->text());
    return found;
  }
  static std::string trust_in(const std::string& principal) {
    return R"({"Statement":{"Effect":"Allow","Principal":{"AWS":")" + principal +
           R"("},"Action":"sts:AssumeRole"}})";
  }
  std::string account() const { return caller.account.value; }
};

TEST_F(RoleActions, ARoleComesIsSeenChangesAndGoes) {
  const auto made = make_role("night", {{"Path", "/shift/"}, {"Description", "after ten"}});
  EXPECT_EQ(made.find("Role/Arn"), "arn:aws:iam::" + account() + ":role/shift/night");
  EXPECT_TRUE(made.find("Role/RoleId")->starts_with("AROA"));
  EXPECT_EQ(made.find("Role/MaxSessionDuration"), "3600");
  EXPECT_EQ(all("ListRoles", {}, "Roles/member/RoleName"), (Names{"night", "ops"}));
  EXPECT_EQ(all("ListRoles", {{"PathPrefix", "/shift/"}}, "Roles/member/RoleName"),
            (Names{"night"}));
  ok("UpdateRole", {{"RoleName", "night"}, {"MaxSessionDuration", "43200"}});
  ok("UpdateRoleDescription", {{"RoleName", "night"}, {"Description", "late"}});
  ok("UpdateAssumeRolePolicy",
     {{"RoleName", "night"}, {"PolicyDocument", trust_in("arn:aws:iam::" + account() + ":root")}});
  const auto seen = ok("GetRole", {{"RoleName", "night"}});
  EXPECT_EQ(seen.find("Role/Description"), "late");
  EXPECT_EQ(seen.find("Role/MaxSessionDuration"), "43200");
  EXPECT_NE(seen.find("Role/AssumeRolePolicyDocument")->find("root"), std::string::npos);
  ok("DeleteRole", {{"RoleName", "night"}});
  EXPECT_EQ(refused("GetRole", {{"RoleName", "night"}}), IdentityErrc::not_found);
}

TEST_F(RoleActions, RefusesNamesTimesAndTrustThatIamDoesNotTake) {
  const auto create = [this](const std::string& name, const std::string& trust, Pairs more = {}) {
    more.emplace_back("RoleName", name);
    more.emplace_back("AssumeRolePolicyDocument", trust);
    return refused("CreateRole", std::move(more));
  };
  EXPECT_EQ(create("OPS", kTrust), IdentityErrc::exists);
  EXPECT_EQ(create("a b", kTrust), RequestErrc::invalid_value);
  EXPECT_EQ(create("x", kTrust, {{"Path", "no"}}), RequestErrc::invalid_value);
  EXPECT_EQ(create("x", kTrust, {{"MaxSessionDuration", "60"}}), RequestErrc::invalid_value);
  EXPECT_EQ(create("x", kTrust, {{"MaxSessionDuration", "43201"}}), RequestErrc::invalid_value);
  EXPECT_EQ(create("x", kTrust, {{"Description", std::string(1001, 'x')}}),
            RequestErrc::invalid_value);
  EXPECT_EQ(create("x", "{"), policy::PolicyErrc::malformed);
  EXPECT_EQ(create("x", kLook), policy::PolicyErrc::malformed);
  const auto in = "arn:aws:iam::" + account();
  for (const auto& nobody : {in + ":user/nobody", in + ":role/none", in + ":role/path/ops",
                             std::string("arn:aws:iam::999999999999:root"),
                             std::string("AIDA0000000000000000"), std::string("999999999999")})
    EXPECT_EQ(create("x", trust_in(nobody)), policy::PolicyErrc::malformed) << nobody;
  for (const auto& somebody : {in + ":role/ops", in + ":root", account()})
    EXPECT_EQ(create("r" + std::to_string(somebody.size()), trust_in(somebody)), std::error_code())
        << somebody;
}

TEST_F(RoleActions, ARoleHasPoliciesAsUsersHave) {
  const std::pair<std::string, std::string> role("RoleName", "ops");
  ok("PutRolePolicy", {role, {"PolicyName", "look"}, {"PolicyDocument", kLook}});
  const auto seen = ok("GetRolePolicy", {role, {"PolicyName", "look"}});
  EXPECT_EQ(seen.find("RoleName"), "ops");
  EXPECT_EQ(common::percent_decode(*seen.find("PolicyDocument")), kLook);
  EXPECT_EQ(all("ListRolePolicies", {role}, "PolicyNames/member"), (Names{"look"}));
  ok("AttachRolePolicy", {role, {"PolicyArn", kAdministrator}});
  EXPECT_EQ(all("ListAttachedRolePolicies", {role}, "AttachedPolicies/member/PolicyArn"),
            (Names{kAdministrator}));
  EXPECT_EQ(
      all("ListEntitiesForPolicy", {{"PolicyArn", kAdministrator}}, "PolicyRoles/member/RoleName"),
      (Names{"ops"}));
  EXPECT_EQ(refused("DeleteRole", {role}), IdentityErrc::conflict);
  ok("DetachRolePolicy", {role, {"PolicyArn", kAdministrator}});
  EXPECT_EQ(refused("DetachRolePolicy", {role, {"PolicyArn", kAdministrator}}),
            IdentityErrc::not_found);
  EXPECT_EQ(refused("DeleteRole", {role}), IdentityErrc::conflict);
  ok("DeleteRolePolicy", {role, {"PolicyName", "look"}});
  EXPECT_EQ(refused("GetRolePolicy", {role, {"PolicyName", "look"}}), IdentityErrc::not_found);
  ok("DeleteRole", {role});
}

TEST_F(RoleActions, QuotasAreNoPartOfARole) {
  const std::string limit =
      R"({"Statement":{"Effect":"Limit","Action":"ec2:RunInstances","Resource":"*",)"
      R"("Condition":{"NumericLessThanEquals":{"ec2:quota-vminstancenumber":"1"}}}})";
  EXPECT_EQ(refused("PutRolePolicy",
                    {{"RoleName", "ops"}, {"PolicyName", "p"}, {"PolicyDocument", limit}}),
            policy::PolicyErrc::malformed);
}

TEST_F(RoleActions, AnInstanceProfileHasOneRoleAtMost) {
  const std::pair<std::string, std::string> profile("InstanceProfileName", "web"),
      role("RoleName", "ops");
  const auto made = ok("CreateInstanceProfile", {profile, {"Path", "/lab/"}});
  EXPECT_EQ(made.find("InstanceProfile/Arn"),
            "arn:aws:iam::" + account() + ":instance-profile/lab/web");
  EXPECT_EQ(refused("CreateInstanceProfile", {{"InstanceProfileName", "WEB"}}),
            IdentityErrc::exists);
  ok("AddRoleToInstanceProfile", {profile, role});
  make_role("other");
  EXPECT_EQ(refused("AddRoleToInstanceProfile", {profile, {"RoleName", "other"}}),
            IdentityErrc::limit_exceeded);
  EXPECT_EQ(ok("GetInstanceProfile", {profile}).find("InstanceProfile/Roles/member/RoleName"),
            "ops");
  EXPECT_EQ(
      all("ListInstanceProfilesForRole", {role}, "InstanceProfiles/member/InstanceProfileName"),
      (Names{"web"}));
  EXPECT_EQ(refused("DeleteInstanceProfile", {profile}), IdentityErrc::conflict);
  EXPECT_EQ(refused("DeleteRole", {role}), IdentityErrc::conflict);
  EXPECT_EQ(refused("RemoveRoleFromInstanceProfile", {profile, {"RoleName", "other"}}),
            IdentityErrc::not_found);
  ok("RemoveRoleFromInstanceProfile", {profile, role});
  EXPECT_EQ(all("ListInstanceProfiles", {}, "InstanceProfiles/member/InstanceProfileName"),
            (Names{"web"}));
  EXPECT_TRUE(all("ListInstanceProfilesForRole", {role}, "InstanceProfiles/member").empty());
  ok("DeleteInstanceProfile", {profile});
  EXPECT_EQ(refused("GetInstanceProfile", {profile}), IdentityErrc::not_found);
}

TEST_F(RoleActions, AnAccountHasAsManyAsItMay) {
  properties.set("cloud.roles_max", "1");
  properties.set("cloud.instance_profiles_max", "0");
  EXPECT_EQ(refused("CreateRole", {{"RoleName", "two"}, {"AssumeRolePolicyDocument", kTrust}}),
            IdentityErrc::limit_exceeded);
  EXPECT_EQ(refused("CreateInstanceProfile", {{"InstanceProfileName", "one"}}),
            IdentityErrc::limit_exceeded);
}

TEST_F(RoleActions, EveryChangeOfARoleIsToldToThoseWhoKeepACopy) {
  const auto version = [this] {
    return write([](Tx& tx) { return IdentityChanges(tx).version(); }).value();
  };
  const std::pair<std::string, std::string> role("RoleName", "ops");
  const std::pair<const char*, Pairs> steps[] = {
      {"UpdateAssumeRolePolicy", {role, {"PolicyDocument", kTrust}}},
      {"PutRolePolicy", {role, {"PolicyName", "look"}, {"PolicyDocument", kLook}}},
      {"DeleteRolePolicy", {role, {"PolicyName", "look"}}},
      {"AttachRolePolicy", {role, {"PolicyArn", kAdministrator}}},
      {"DetachRolePolicy", {role, {"PolicyArn", kAdministrator}}},
      {"DeleteRole", {role}}};
  for (const auto& [action, pairs] : steps) {
    const auto before = version();
    ok(action, pairs);
    EXPECT_GT(version(), before) << action;
  }
}

}  // namespace
}  // namespace angophora::clc
