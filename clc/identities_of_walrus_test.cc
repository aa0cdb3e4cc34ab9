// What Walrus learns of accounts, users, keys and policies.
#include "clc/daemon_fixture.h"
#include "clc/domain/new_identity.h"
#include "clc/domain/secrets.h"
#include "clc/store/access_keys.h"
#include "clc/store/accounts.h"
#include "clc/store/identities.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/user_groups.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
using testing::component;
using testing::DaemonTest;

class IdentitiesOfWalrus : public DaemonTest {};

TEST_F(IdentitiesOfWalrus, WalrusAloneCanReadTheSecretsItGets) {
  const auto token = add("w", "walrus");
  ASSERT_TRUE(enrol(enrolment(token)));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  const auto reply = ask<soap::cloud::DescribeIdentities>(walrus, {});
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(reply.value().accessKeys.size(), 1u);
  const auto read = [](Tx& tx) { return Identities(tx).access_keys(); };
  const auto keys = run(daemon->services().db.read(read));
  const auto opened = component().key.decrypt_oaep(reply.value().accessKeys[0].sealedSecret);
  ASSERT_TRUE(opened);
  const auto& kept = keys.value().front();
  EXPECT_NE(opened.value(), kept.secret);
  EXPECT_EQ(opened.value(), open_secret(*daemon->services().keys.masters, kept).value());
  EXPECT_EQ(reply.value().accounts[0].name, "angophora");
  EXPECT_EQ(reply.value().certificates.size(), 1u);
}

TEST_F(IdentitiesOfWalrus, WalrusGetsNoKeyThatCannotBeOpened) {
  ASSERT_TRUE(enrol(enrolment(add("w", "walrus"))));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  soap::cloud::DescribeIdentities::Request request;
  request.changesOnly = true;
  const auto first = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  const auto key = first.accessKeys.at(0).accessKeyId;
  ASSERT_TRUE(run(daemon->services().db.write([=](Tx& tx) -> Result<> {
    TRY_VOID(AccessKeys(tx).set_secret(key, "sealed:lost0000:AAAA"));
    return AccessKeys(tx).set_active(key, true);
  })));
  const auto all = ask<soap::cloud::DescribeIdentities>(walrus, {});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_TRUE(all.value().accessKeys.empty());
  request.knownVersion = first.version;
  const auto changed = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_TRUE(changed.accessKeys.empty());
  ASSERT_EQ(changed.removed.size(), 1u) << "or it would go on with what it has";
  EXPECT_EQ(changed.removed[0].id, key);
}

TEST_F(IdentitiesOfWalrus, WalrusLearnsWhatHasChangedAndWhatIsGone) {
  ASSERT_TRUE(enrol(enrolment(add("w", "walrus"))));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  soap::cloud::DescribeIdentities::Request request;
  request.changesOnly = true;
  request.waitMs = 1000;
  const auto first = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_EQ(first.changesFrom, 0);
  EXPECT_FALSE(*first.more);
  EXPECT_TRUE(*first.users.at(0).root);
  request.knownVersion = first.version;
  const auto begin = world.steady_now();
  const auto nothing = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_GE(world.steady_now() - begin, 1s);
  EXPECT_TRUE(nothing.accounts.empty() && nothing.users.empty() && nothing.accessKeys.empty());

  const auto key = first.accessKeys.at(0).accessKeyId;
  ASSERT_TRUE(run(daemon->services().db.write([=](Tx& tx) -> Result<> {
    TRY_VOID(AccessKeys(tx).set_active(key, false));
    return Accounts(tx).insert(Account{AccountId("123456789012"), "users", "c", {}});
  })));
  const auto changed = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_EQ(changed.changesFrom, first.version);
  EXPECT_EQ(changed.accounts.size(), 1u);
  EXPECT_TRUE(changed.users.empty());
  EXPECT_FALSE(changed.accessKeys.at(0).active);

  ASSERT_TRUE(run(daemon->services().db.write([=](Tx& tx) { return AccessKeys(tx).remove(key); })));
  request.knownVersion = changed.version;
  const auto removed = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  ASSERT_EQ(removed.removed.size(), 1u);
  EXPECT_EQ(removed.removed[0].kind, "access_key");
  EXPECT_EQ(removed.removed[0].id, key);

  request.knownVersion = removed.version + 100;  // of another past
  const auto anew = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_FALSE(anew.changesFrom);
  EXPECT_EQ(anew.accounts.size(), 2u);
}

TEST_F(IdentitiesOfWalrus, WalrusLearnsWhatUsersMayDo) {
  ASSERT_TRUE(enrol(enrolment(add("w", "walrus"))));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  soap::cloud::DescribeIdentities::Request request;
  request.changesOnly = true;
  const auto first = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_EQ(first.policies.size(), 9u) << "those that come with the cloud";
  EXPECT_TRUE(first.groups.empty());

  const AccountId account(first.accounts.at(0).accountId);
  const auto user = new_user(runtime, account, "alice", "/");
  const auto group = new_user_group(runtime, account, "staff", "/");
  const std::string document = R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})";
  ASSERT_TRUE(run(daemon->services().db.write([=](Tx& tx) -> Result<> {
    TRY_VOID(Users(tx).insert(user));
    TRY_VOID(UserGroups(tx).insert(group));
    TRY_VOID(UserGroups(tx).add_member(group.id, user.id));
    TRY_VOID(InlinePolicies(tx).put(entity(user.id), {"Own", document}));
    TRY_VOID(InlinePolicies(tx).put(entity(account), {"Ceiling", document}));
    TRY(const auto policy,
        ManagedPolicies(tx).find(account, "arn:aws:iam::aws:policy/AmazonS3FullAccess"));
    return ManagedPolicies(tx).attach(policy, account, entity(group.id));
  })));
  request.knownVersion = first.version;
  const auto changed = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  ASSERT_EQ(changed.users.size(), 1u);
  EXPECT_EQ(changed.users[0].groupIds, std::vector{group.id.value});
  EXPECT_EQ(changed.users[0].policies.at(0).name, "Own");
  EXPECT_EQ(changed.users[0].policies.at(0).document, document);
  EXPECT_EQ(changed.groups.at(0).name, "staff");
  EXPECT_EQ(changed.groups.at(0).attachedPolicyIds.at(0), "ANPAAMAZONS3FULLACCE");
  EXPECT_EQ(changed.accounts.at(0).policies.at(0).name, "Ceiling");

  ASSERT_TRUE(
      run(daemon->services().db.write([=](Tx& tx) { return UserGroups(tx).remove(group.id); })));
  request.knownVersion = changed.version;
  const auto gone = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  EXPECT_EQ(gone.removed.at(0).kind, "group");
  EXPECT_TRUE(gone.users.at(0).groupIds.empty());
}

// An answer holds a megabyte of policies and not much more.
TEST_F(IdentitiesOfWalrus, LongPoliciesAreToldInParts) {
  ASSERT_TRUE(enrol(enrolment(add("w", "walrus"))));
  const soap::Caller walrus{ServiceName("w"), soap::Role::walrus, "r"};
  soap::cloud::DescribeIdentities::Request request;
  request.changesOnly = true;
  const auto first = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
  const AccountId account(first.accounts.at(0).accountId);
  const std::string document(16'000, ' ');
  ASSERT_TRUE(run(daemon->services().db.write([=, this](Tx& tx) -> Result<> {
    for (int n = 0; n < 100; ++n) {
      const auto group = new_user_group(runtime, account, "g" + std::to_string(n), "/");
      TRY_VOID(UserGroups(tx).insert(group));
      TRY_VOID(InlinePolicies(tx).put(entity(group.id), {"Long", document}));
    }
    return common::ok();
  })));
  request.knownVersion = first.version;
  std::size_t groups = 0;
  int parts = 0;
  for (bool more = true; more; ++parts) {
    const auto part = ask<soap::cloud::DescribeIdentities>(walrus, request).value();
    groups += part.groups.size();
    more = *part.more;
    request.knownVersion = part.version;
  }
  EXPECT_EQ(groups, 100u);
  EXPECT_EQ(parts, 2);
}

}  // namespace
}  // namespace angophora::clc
