// The repositories that everything else stands on.
#include <gtest/gtest.h>

#include "clc/domain/errors.h"
#include "clc/store/access_keys.h"
#include "clc/store/accounts.h"
#include "clc/store/client_tokens.h"
#include "clc/store/counters.h"
#include "clc/store/identities.h"
#include "clc/store/identity_changes.h"
#include "clc/store/migrations.h"
#include "clc/store/quota_usage.h"
#include "clc/store/registrations.h"
#include "clc/store/security_groups.h"
#include "clc/store/users.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc {
namespace {

class Store : public ::testing::Test {
 public:
  Store() {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    database = db::Database::open(runtime, options, kMigrations).value();
  }
  template <class F>
  auto write(F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    return world.run<R>(runtime, database->write(std::move(f)));
  }
  Result<> add_user() {
    return write([](Tx& tx) -> Result<> {
      Identities identities(tx);
      TRY_VOID(identities.insert(Account{kAccount, "users", std::string(64, 'a'), {}}));
      TRY_VOID(identities.insert(User{UserId("AIDAX"), kAccount, "ana", "/", {}}));
      return identities.insert(AccessKey{"AKIAX", UserId("AIDAX"), "secret", true, {}});
    });
  }

  inline static const AccountId kAccount{"123456789012"};
  common::SimWorld world{1};
  common::SimRuntime runtime{world, "clc"};
  std::unique_ptr<db::Database> database;
};

TEST_F(Store, CountersGrowOneByOne) {
  EXPECT_EQ(write([](Tx& tx) { return Counters(tx).value("x"); }).value(), 0);
  EXPECT_EQ(write([](Tx& tx) { return Counters(tx).raise("x"); }).value(), 1);
  EXPECT_EQ(write([](Tx& tx) { return Counters(tx).raise("x"); }).value(), 2);
}

TEST_F(Store, AnAccessKeyLeadsToItsUserAndAccount) {
  ASSERT_TRUE(add_user());
  const auto found = write([](Tx& tx) { return Identities(tx).find_credential("AKIAX"); });
  ASSERT_TRUE(found.value());
  EXPECT_EQ(found.value()->key.secret, "secret");
  EXPECT_EQ(found.value()->user.name, "ana");
  EXPECT_EQ(found.value()->account.name, "users");
  EXPECT_EQ(arn_of(found.value()->user), "arn:aws:iam::123456789012:user/ana");
  EXPECT_FALSE(write([](Tx& tx) { return Identities(tx).find_credential("AKIAY"); }).value());
}

// An empty database tells of these, which come with the cloud.
constexpr std::int64_t kPoliciesOfTheCloud = 9;

TEST_F(Store, EveryChangeOfAnIdentityRaisesTheirVersion) {
  ASSERT_TRUE(add_user());
  EXPECT_EQ(write([](Tx& tx) { return Identities(tx).version(); }).value(),
            kPoliciesOfTheCloud + 3);
  const auto again = add_user();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, IdentityErrc::exists);
  EXPECT_EQ(write([](Tx& tx) { return Identities(tx).version(); }).value(),
            kPoliciesOfTheCloud + 3);
}

TEST_F(Store, ChangesOfIdentitiesAreListedOnceWithTheLatestVersion) {
  ASSERT_TRUE(add_user());
  const auto ids = [this](std::int64_t after, std::size_t limit = 100) {
    std::vector<std::string> found;
    const auto read = [=](Tx& tx) {
      return IdentityChanges(tx).after(kPoliciesOfTheCloud + after, limit);
    };
    const auto changes = write(read);
    for (const auto& change : changes.value()) found.push_back(change.id);
    return found;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(0), (Ids{kAccount.value, "AIDAX", "AKIAX"}));
  EXPECT_EQ(ids(0, 2), (Ids{kAccount.value, "AIDAX"}));
  ASSERT_TRUE(write([](Tx& tx) -> Result<> {
    TRY(auto user, Users(tx).find(kAccount, "ana"));
    user.path = "/lab/";
    return Users(tx).update(user);
  }));
  EXPECT_EQ(ids(3), (Ids{"AKIAX", "AIDAX"})) << "a user's keys change with him";
  ASSERT_TRUE(write([](Tx& tx) { return AccessKeys(tx).remove("AKIAX"); }));
  EXPECT_EQ(ids(0), (Ids{kAccount.value, "AIDAX", "AKIAX"})) << "what is gone stays listed";
  EXPECT_EQ(ids(6), Ids{});
}

TEST_F(Store, AnAccountIsFoundByNumberNameAndAlias) {
  ASSERT_TRUE(add_user());
  ASSERT_TRUE(write([](Tx& tx) { return Accounts(tx).set_alias(kAccount, "garden"); }));
  for (const auto* text : {"123456789012", "users", "garden"})
    EXPECT_EQ(write([=](Tx& tx) { return Accounts(tx).resolve(text); }).value().id, kAccount);
  const auto unknown = write([](Tx& tx) { return Accounts(tx).resolve("users2"); });
  EXPECT_EQ(unknown.error().code, IdentityErrc::not_found);
}

TEST_F(Store, UsersAreReadInPagesOfTheirAccountAlone) {
  ASSERT_TRUE(add_user());
  ASSERT_TRUE(write([](Tx& tx) -> Result<> {
    TRY_VOID(Accounts(tx).insert(Account{AccountId("210987654321"), "else", "c", {}}));
    for (const std::string name : {"b", "c", "d"})
      TRY_VOID(Users(tx).insert(User{UserId("A-" + name), kAccount, name, "/x/", {}}));
    return Users(tx).insert(User{UserId("B-b"), AccountId("210987654321"), "b", "/x/", {}});
  }));
  const auto page = write([](Tx& tx) { return Users(tx).page(kAccount, {"/x/", "b", 5}); });
  ASSERT_EQ(page.value().size(), 2u);
  EXPECT_EQ(page.value()[0].name, "c");
  EXPECT_EQ(page.value()[1].account, kAccount);
  EXPECT_EQ(write([](Tx& tx) { return QuotaUsage(tx).of(Quota::users, kAccount); }).value(), 4);
}

TEST_F(Store, AUsersCertificatesAreFoundByAccount) {
  ASSERT_TRUE(add_user());
  ASSERT_TRUE(write([](Tx& tx) -> Result<> {
    Identities identities(tx);
    TRY_VOID(identities.insert(UserCertificate{"c1", UserId("AIDAX"), "PEM", true, {}}));
    return identities.insert(UserCertificate{"c2", UserId("AIDAX"), "PEM2", false, {}});
  }));
  const auto found = write([](Tx& tx) { return Identities(tx).active_certificates(kAccount); });
  ASSERT_EQ(found.value().size(), 1u);
  EXPECT_EQ(found.value().front().id, "c1");
}

TEST_F(Store, AClientTokenBringsTheFirstAnswerBack) {
  const auto find = [&](std::string token, std::string parameters) {
    return write([=](Tx& tx) { return ClientTokens(tx).find(kAccount, "Run", token, parameters); });
  };
  EXPECT_FALSE(find("t", "a=1").value());
  ASSERT_TRUE(write([this](Tx& tx) {
    return ClientTokens(tx).keep(kAccount, "Run", "t", "a=1", "r-1", runtime.now());
  }));
  EXPECT_EQ(find("t", "a=1").value(), "r-1");
  const auto other = find("t", "a=2");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, RequestErrc::client_token_mismatch);
  EXPECT_FALSE(find("", "a=1").value());
}

TEST_F(Store, ClientTokensAreForgottenAfterAWhile) {
  const auto keep = [this](std::string token) {
    return write([=, this](Tx& tx) {
      return ClientTokens(tx).keep(kAccount, "Run", token, "p", "r", runtime.now());
    });
  };
  ASSERT_TRUE(keep("old"));
  world.run_for(kClientTokenLife + std::chrono::hours(1));
  ASSERT_TRUE(keep("new"));
  EXPECT_FALSE(
      write([](Tx& tx) { return ClientTokens(tx).find(kAccount, "Run", "old", "p"); }).value());
}

TEST_F(Store, TheDefaultNetworkIsMadeOnce) {
  const auto ensure = [this] {
    return write(
        [this](Tx& tx) { return ensure_default_network(tx, runtime, kAccount, "10.100.0.0/16"); });
  };
  const auto first = ensure(), second = ensure();
  ASSERT_TRUE(first);
  EXPECT_EQ(first.value().group, second.value().group);
  EXPECT_EQ(first.value().vpc, second.value().vpc);
  const auto subnet = [this](std::string zone) {
    return write([this, zone](Tx& tx) {
             return ensure_default_subnet(tx, runtime, kAccount, ZoneName(zone), "10.100.0.0/16");
           })
        .value();
  };
  EXPECT_EQ(subnet("zone-a"), subnet("zone-a"));
  EXPECT_NE(subnet("zone-a"), subnet("zone-b"));
}

TEST_F(Store, ARegistrationIsWholeAfterEnrolment) {
  Service service;
  service.name = ServiceName("cc-1");
  service.type = ServiceType::cluster;
  service.zone = ZoneName("zone-a");
  service.host = "10.0.0.2";
  service.port = 8774;
  ASSERT_TRUE(write([&](Tx& tx) { return Registrations(tx).insert(service); }));
  const std::string der("\0der\xff", 5);
  ASSERT_TRUE(write(
      [&](Tx& tx) { return Registrations(tx).enrol(service.name, der, der, runtime.now()); }));
  const auto read = write([&](Tx& tx) { return Registrations(tx).get(service.name); });
  EXPECT_TRUE(read.value().enrolled());
  EXPECT_EQ(read.value().signing_certificate, der);
  EXPECT_EQ(read.value().port, 8774);
  EXPECT_EQ(write([](Tx& tx) { return Registrations(tx).version(); }).value(), 2);
}

TEST_F(Store, EveryWayToAGroupBringsItsRules) {
  ASSERT_TRUE(add_user());
  const auto group = write([this](Tx& tx) -> Result<GroupId> {
    TRY(const auto made, ensure_default_network(tx, runtime, kAccount, "10.100.0.0/16"));
    (void)made;
    TRY(const auto found, SecurityGroups(tx).find_by_name(kAccount, "default"));
    return found.id;
  });
  ASSERT_TRUE(group) << group.error().message;
  const auto counts = write([&](Tx& tx) -> Result<std::vector<std::size_t>> {
    SecurityGroups groups(tx);
    TRY(const auto own, groups.find(kAccount, group.value()));
    TRY(const auto any, groups.find_any(group.value()));
    TRY(const auto listed, groups.list(kAccount));
    return std::vector{own.rules.size(), any->rules.size(), listed.at(0).rules.size()};
  });
  // Its members to each other, and everything out.
  EXPECT_EQ(counts.value(), (std::vector<std::size_t>{2, 2, 2}));
}

}  // namespace
}  // namespace angophora::clc
