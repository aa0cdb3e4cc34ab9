// Quotas of accounts and users: what counts, what limits, and what a refusal says.
#include <gtest/gtest.h>

#include "clc/domain/address_errors.h"
#include "clc/domain/instance_errors.h"
#include "clc/domain/quota.h"
#include "clc/domain/snapshot_errors.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/inline_policies.h"
#include "clc/store/instances.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"
#include "clc/testing/instance_fixture.h"
#include "common/policy/document.h"

namespace angophora::clc {
namespace {

using testing::Pairs;

std::string limit_of(const std::string& key, std::int64_t most) {
  return R"({"Statement":{"Effect":"Limit","Action":"*","Resource":"*","Condition":)"
         R"({"NumericLessThanEquals":{")" +
         key + R"(":")" + std::to_string(most) + R"("}}}})";
}

class QuotaActions : public testing::InstanceFixture {
 public:
  QuotaActions() : image(register_image()) {
    properties.set(kPublicAddresses, "198.51.100.0/28");
    administrator = testing::caller_of("000000000001", "admin");
    administrator.cloud_administrator = administrator.is_root = true;
    ben = caller;
    ben.user = UserId("AIDABEN");
    ben.user_name = "ben";
    write([this](Tx& tx) {
      return Users(tx).insert({ben.user, ben.account, "ben", "/", {}});
    }).value();
  }
  void limit(const PolicyEntity& whose, Quota quota, std::int64_t most) {
    const InlinePolicy policy{"limits", limit_of(kind_of(quota).key, most)};
    write([&](Tx& tx) { return InlinePolicies(tx).put(whose, policy); }).value();
  }
  std::error_code outcome(const Caller& who, std::string_view action, Pairs pairs) {
    const auto reply = call_as(who, action, std::move(pairs));
    return reply ? std::error_code() : reply.error().code;
  }
  Pairs launch(int least = 1, int most = 1, const std::string& type = "t2.nano") {
    return {{"ImageId", image},
            {"InstanceType", type},
            {"MinCount", std::to_string(least)},
            {"MaxCount", std::to_string(most)}};
  }
  static Pairs volume(int gib = 1) {
    return {{"AvailabilityZone", "zone-a"}, {"Size", std::to_string(gib)}};
  }
  // The row of ListQuotas; its usage and limit, "-" for none.
  std::string shown(Quota quota, Pairs of = {}) {
    const auto reply = call("ListQuotas", std::move(of)).value();
    for (const auto* row : reply.all("Quotas/member"))
      if (row->find("QuotaName") == kind_of(quota).name)
        return row->find("Usage").value() + "/" + row->find("Limit").value_or("-");
    return "not shown";
  }
  void end(const std::string& instance) {
    write([&](Tx& tx) -> Result<> {
      const auto now = runtime.now();
      const InstanceId id(instance);
      TRY_VOID(Instances(tx).advance(id, 1, InstanceEvent::terminate, {}, now));
      TRY_VOID(Instances(tx).advance(id, 1, InstanceEvent::destroyed, {}, now));
      return common::ok();
    }).value();
  }
  std::string image;
  Caller administrator, ben;
};

TEST_F(QuotaActions, AnAccountsPolicyCountsInsteadOfTheProperty) {
  properties.set("cloud.volumes_max", "1");
  EXPECT_EQ(outcome(caller, "CreateVolume", volume()), std::error_code());
  EXPECT_EQ(outcome(caller, "CreateVolume", volume()), VolumeErrc::limit_exceeded);
  limit(entity(caller.account), Quota::volumes, 2);
  EXPECT_EQ(outcome(caller, "CreateVolume", volume()), std::error_code());
  EXPECT_EQ(outcome(caller, "CreateVolume", volume()), VolumeErrc::limit_exceeded);
  properties.set("cloud.volumes_max", "100");
  EXPECT_EQ(outcome(caller, "CreateVolume", volume()), VolumeErrc::limit_exceeded);
}

TEST_F(QuotaActions, EachKindHasItsCode) {
  const auto created = create_volume();
  const auto at_zero = [&](Quota quota, std::string_view action, Pairs pairs) {
    limit(entity(caller.account), quota, 0);
    const auto refused = outcome(caller, action, pairs);
    limit(entity(caller.account), quota, 1000000);
    EXPECT_EQ(outcome(caller, action, pairs), std::error_code()) << action;
    return refused;
  };
  EXPECT_EQ(at_zero(Quota::instances, "RunInstances", launch()), InstanceErrc::limit_exceeded);
  EXPECT_EQ(at_zero(Quota::vcpus, "RunInstances", launch()), InstanceErrc::vcpu_limit_exceeded);
  EXPECT_EQ(at_zero(Quota::memory_mib, "RunInstances", launch()),
            InstanceErrc::resource_limit_exceeded);
  EXPECT_EQ(at_zero(Quota::disk_gib, "RunInstances", launch()),
            InstanceErrc::resource_limit_exceeded);
  EXPECT_EQ(at_zero(Quota::volume_gib, "CreateVolume", volume()), VolumeErrc::limit_exceeded);
  EXPECT_EQ(at_zero(Quota::snapshots, "CreateSnapshot", {{"VolumeId", created}}),
            SnapshotErrc::limit_exceeded);
  EXPECT_EQ(at_zero(Quota::addresses, "AllocateAddress", {}), AddressErrc::limit_exceeded);
  EXPECT_EQ(at_zero(Quota::security_groups, "CreateSecurityGroup",
                    {{"GroupName", "g"}, {"GroupDescription", "d"}}),
            GroupErrc::too_many_groups);
  EXPECT_EQ(at_zero(Quota::images, "RegisterImage",
                    {{"ImageLocation", put_bundle({}, "more")}, {"Name", "more"}}),
            InstanceErrc::resource_limit_exceeded);
  EXPECT_EQ(at_zero(Quota::users, "CreateUser", {{"UserName", "u"}}), IdentityErrc::limit_exceeded);
  EXPECT_EQ(at_zero(Quota::groups, "CreateGroup", {{"GroupName", "g"}}),
            IdentityErrc::limit_exceeded);
  EXPECT_EQ(
      at_zero(Quota::instance_profiles, "CreateInstanceProfile", {{"InstanceProfileName", "p"}}),
      IdentityErrc::limit_exceeded);
}

TEST_F(QuotaActions, ALaunchGivesAsManyAsEveryQuotaLeaves) {
  limit(entity(caller.account), Quota::vcpus, 5);
  const auto given = call("RunInstances", launch(1, 8, "t3.nano")).value();  // of two vCPUs
  ASSERT_EQ(given.all("instancesSet/item").size(), 2u);
  EXPECT_EQ(shown(Quota::vcpus), "4/5");
  EXPECT_EQ(outcome(caller, "RunInstances", launch(2, 3)), InstanceErrc::vcpu_limit_exceeded);
  EXPECT_EQ(outcome(caller, "RunInstances", launch(1, 3)), std::error_code());
  EXPECT_EQ(shown(Quota::vcpus), "5/5");
  const auto first = given.find("instancesSet/item/instanceId").value();
  make_running(first);
  end(first);
  EXPECT_EQ(shown(Quota::vcpus), "3/5");
  EXPECT_EQ(shown(Quota::instances), "2/1000");
  EXPECT_EQ(shown(Quota::memory_mib), "1024/-");
  write([](Tx& tx) { return AccountUsage(tx).rebuild(); }).value();
  EXPECT_EQ(shown(Quota::vcpus), "3/5") << "counted afresh";
  EXPECT_EQ(shown(Quota::disk_gib), "10/-");
}

TEST_F(QuotaActions, AUsersLimitCountsWhatTheUserMade) {
  EXPECT_EQ(outcome(caller, "CreateVolume", volume(5)), std::error_code());
  limit(entity(ben.user), Quota::volume_gib, 4);
  EXPECT_EQ(outcome(ben, "CreateVolume", volume(3)), std::error_code());
  EXPECT_EQ(outcome(ben, "CreateVolume", volume(2)), VolumeErrc::limit_exceeded);
  EXPECT_EQ(outcome(caller, "CreateVolume", volume(2)), std::error_code());
  EXPECT_EQ(outcome(ben, "CreateVolume", volume(1)), std::error_code());
  EXPECT_EQ(shown(Quota::volume_gib, {{"UserName", "ben"}}), "4/4");
  EXPECT_EQ(shown(Quota::volumes, {{"UserName", "ben"}}), "2/-");
  EXPECT_EQ(shown(Quota::volume_gib), "11/100000");
  EXPECT_EQ(shown(Quota::users, {{"UserName", "ben"}}), "not shown");
}

TEST_F(QuotaActions, EverythingOfAUserIsCounted) {
  const auto of_ben = [this](const QuotaKind& kind) {
    return shown(kind.quota, {{"UserName", "ben"}});
  };
  for (const auto& kind : all_quotas())
    EXPECT_EQ(of_ben(kind), kind.of_users ? "0/-" : "not shown");
  const auto created = create_volume();
  EXPECT_EQ(outcome(ben, "RunInstances", launch()), std::error_code());
  EXPECT_EQ(outcome(ben, "CreateVolume", volume(7)), std::error_code());
  EXPECT_EQ(outcome(ben, "CreateSnapshot", {{"VolumeId", created}}), std::error_code());
  EXPECT_EQ(outcome(ben, "AllocateAddress", {}), std::error_code());
  EXPECT_EQ(outcome(ben, "CreateSecurityGroup", {{"GroupName", "g"}, {"GroupDescription", "d"}}),
            std::error_code());
  EXPECT_EQ(
      outcome(ben, "RegisterImage", {{"ImageLocation", put_bundle({}, "more")}, {"Name", "more"}}),
      std::error_code());
  for (const auto& kind : all_quotas()) EXPECT_NE(of_ben(kind), "0/-") << kind.name;
}

TEST_F(QuotaActions, AGroupsLimitIsEachMembers) {
  const UserGroup group{UserGroupId("AGPASTAFF"), caller.account, "staff", "/", {}};
  write([&](Tx& tx) -> Result<> {
    TRY_VOID(UserGroups(tx).insert(group));
    return UserGroups(tx).add_member(group.id, ben.user);
  }).value();
  limit(entity(group.id), Quota::instances, 1);
  EXPECT_EQ(outcome(ben, "RunInstances", launch()), std::error_code());
  EXPECT_EQ(outcome(ben, "RunInstances", launch()), InstanceErrc::limit_exceeded);
  EXPECT_EQ(outcome(caller, "RunInstances", launch(2, 2)), std::error_code());
  limit(entity(ben.user), Quota::instances, 5);
  EXPECT_EQ(outcome(ben, "RunInstances", launch()), InstanceErrc::limit_exceeded)
      << "the smallest counts";
}

TEST_F(QuotaActions, ASessionOfAUserHasTheUsersLimits) {
  limit(entity(ben.user), Quota::instances, 1);
  auto session = std::make_shared<CallerSession>();
  session->session.kind = sessions::Session::Kind::user;
  session->session.issuer = ben.user.value;
  auto guest = ben;
  guest.user = {};
  guest.session = session;
  EXPECT_EQ(outcome(guest, "RunInstances", launch()), std::error_code());
  EXPECT_EQ(outcome(ben, "RunInstances", launch()), InstanceErrc::limit_exceeded);
  EXPECT_EQ(outcome(guest, "RunInstances", launch()), InstanceErrc::limit_exceeded);
}

TEST_F(QuotaActions, ARefusalNamesTheQuotaWhoSetItAndTheRemedy) {
  ben.account_name = "lab";
  limit(entity(ben.account), Quota::volumes, 0);
  EXPECT_EQ(call_as(ben, "CreateVolume", volume()).error().message,
            "The account lab has 0 volumes and would have 1; its quota is 0 (the policy limits). "
            "Delete what is not needed, or ask for more: angophora quota set --account lab "
            "volumes=N");
  limit(entity(ben.account), Quota::volumes, 9);
  limit(entity(ben.user), Quota::volume_gib, 1);
  const auto of_user = call_as(ben, "CreateVolume", volume(2)).error().message;
  EXPECT_NE(of_user.find("The user ben has 0 GiB of volumes"), of_user.npos) << of_user;
  EXPECT_NE(of_user.find("angophora quota set --account lab --user ben volume-gib=N"),
            of_user.npos);
  properties.set("cloud.addresses_max", "0");
  const auto of_property = call_as(ben, "AllocateAddress").error().message;
  EXPECT_NE(of_property.find("(the property cloud.addresses_max)"), of_property.npos);
}

TEST_F(QuotaActions, AQuotaThatWouldNeverCountIsRefused) {
  add_account_of(administrator);
  const auto put = [&](const std::string& document) {
    const auto reply = call_as(administrator, "PutAccountPolicy",
                               {{"AccountName", caller.account.value},
                                {"PolicyName", "quotas"},
                                {"PolicyDocument", document}});
    return reply ? std::string() : reply.error().message;
  };
  const auto replaced = [](std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  };
  const auto good = limit_of("ec2:quota-volumenumber", 3);
  EXPECT_EQ(put(good), "");
  EXPECT_NE(put(limit_of("ec2:quota-vpcnumber", 3)).find("not kept by this cloud"),
            std::string::npos);
  for (const auto& never :
       {replaced(good, R"("Action":"*")", R"("Action":"ec2:RunInstances")"),
        replaced(good, R"("Resource":"*")", R"("Resource":"arn:aws:ec2:::volume/*")")})
    EXPECT_NE(put(never).find("would never count"), std::string::npos) << never;
  EXPECT_EQ(outcome(caller, "PutUserPolicy",
                    {{"UserName", "ben"},
                     {"PolicyName", "quotas"},
                     {"PolicyDocument", limit_of("iam:quota-usernumber", 1)}}),
            policy::PolicyErrc::malformed);
  EXPECT_EQ(outcome(caller, "PutUserPolicy",
                    {{"UserName", "ben"}, {"PolicyName", "quotas"}, {"PolicyDocument", good}}),
            std::error_code());
  EXPECT_EQ(shown(Quota::volumes, {{"UserName", "ben"}}), "0/3");
}

TEST_F(QuotaActions, ASummaryShowsWhatTheAccountMayHave) {
  const User root{UserId("AIDAROOT"), caller.account, "admin", "/", {}, true};
  write([&](Tx& tx) { return Users(tx).insert(root); }).value();
  limit(entity(caller.account), Quota::users, 7);
  const auto summary = call("GetAccountSummary").value();
  std::string users_quota;
  for (const auto* entry : summary.all("SummaryMap/entry"))
    if (entry->find("key") == "UsersQuota") users_quota = entry->find("value").value();
  EXPECT_EQ(users_quota, "7");
  limit(entity(caller.account), Quota::instances, 6);
  const auto attributes =
      call("DescribeAccountAttributes", {{"AttributeName.1", "max-instances"}}).value();
  EXPECT_EQ(attributes.find("accountAttributeSet/item/attributeValueSet/item/attributeValue"), "6");
}

TEST_F(QuotaActions, AreShownToTheAccountAndTheAdministratorsAlone) {
  limit(entity(caller.account), Quota::volumes, 5);
  add_account_of(administrator);
  add_account_of(stranger);
  const std::pair<std::string, std::string> of("DelegateAccount", caller.account.value);
  EXPECT_TRUE(call_as(administrator, "ListQuotas", {of}));
  EXPECT_EQ(outcome(stranger, "ListQuotas", {of}), RequestErrc::not_permitted);
  EXPECT_EQ(outcome(stranger, "ListQuotas", {{"UserName", "ben"}}), IdentityErrc::not_found);
  const auto row = call("ListQuotas").value();
  EXPECT_EQ(row.all("Quotas/member").size(), all_quotas().size());
}

TEST_F(QuotaActions, AThousandAtOnceGetExactlyTheQuota) {
  limit(entity(caller.account), Quota::instances, 100);
  set_room({2000, 2'000'000, 20'000});
  const auto* action = find_action("RunInstances");
  int given = 0, refused = 0, other = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto ask = [](QuotaActions& t, const Action& run, int& yes, int& no,
                        int& odd) -> boost::asio::awaitable<void> {
      auto parameters = Parameters::parse(t.launch());
      auto pending = run.run(*t.services, t.caller, std::move(parameters).value());
      const auto reply = co_await std::move(pending);
      if (reply)
        ++yes;
      else
        ++(reply.error().code == InstanceErrc::limit_exceeded ? no : odd);
    };
    runtime.spawn("launch", ask(*this, *action, given, refused, other));
  }
  ASSERT_TRUE(
      world.run_until([&] { return given + refused + other == 1000; }, std::chrono::minutes(10)));
  EXPECT_EQ(given, 100);
  EXPECT_EQ(refused, 900);
  EXPECT_EQ(shown(Quota::instances), "100/100");
}

}  // namespace
}  // namespace angophora::clc
