#include "walrus/clients/policy_shelf.h"

#include <gtest/gtest.h>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

constexpr char kAllow[] = R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";

class Shelf : public ::testing::Test {
 protected:
  Shelf() {
    list.version = 1;
    list.accounts = {{common::AccountId("1"), "one", "c1", {{{"Ceiling", kAllow}}, {}}}};
    list.users = {{common::UserId("U1"), common::AccountId("1"), "admin", "arn", true},
                  {common::UserId("U2"),
                   common::AccountId("1"),
                   "alice",
                   "arn",
                   false,
                   {"G1"},
                   {{{"Own", kAllow}}, {"P1"}}}};
    list.groups = {{"G1", "staff", {{}, {"P2"}}}};
    list.policies = {{"P1", {"First", kAllow}}, {"P2", {"Second", kAllow}}};
  }
  Result<std::shared_ptr<const policy::Policies>> of(std::size_t user) {
    return shelf.of(Identities(list), list.accounts[0], list.users[user]);
  }
  IdentityList list;
  PolicyShelf shelf;
};

TEST_F(Shelf, PutsTogetherWhatIsTheUsersTheGroupsAndTheAccounts) {
  const auto all = of(1).value();
  ASSERT_EQ(all->identity.size(), 3u);
  EXPECT_EQ(all->identity[0].name, "alice/Own");
  EXPECT_EQ(all->identity[1].name, "alice/First");
  EXPECT_EQ(all->identity[2].name, "group staff/Second");
  EXPECT_EQ(all->account.at(0).name, "one/Ceiling");
}

TEST_F(Shelf, TheRootHasThoseOfTheAccountAlone) {
  list.users[0].policies.own = {{"Forgotten", kAllow}};
  EXPECT_TRUE(of(0).value()->identity.empty());
  EXPECT_EQ(of(0).value()->account.size(), 1u);
}

TEST_F(Shelf, LetsNobodyInWhileAGroupOrPolicyIsYetToCome) {
  auto groups = std::exchange(list.groups, {});
  EXPECT_EQ(of(1).error().code, S3Errc::service_unavailable);
  list.groups = groups;
  list.policies.pop_back();
  EXPECT_EQ(of(1).error().code, S3Errc::service_unavailable);
  EXPECT_TRUE(of(0)) << "the root depends on neither";
}

TEST_F(Shelf, LetsNobodyInWithAPolicyThatCannotBeRead) {
  list.policies[0].text.document = "{";
  EXPECT_EQ(of(1).error().code, common::Errc::corrupt);
}

TEST_F(Shelf, KeepsWhatItMadeUntilSomethingHasChanged) {
  const auto first = of(1).value();
  EXPECT_EQ(of(1).value(), first);
  list.users[1].policies.own.clear();
  shelf.forget_users();
  EXPECT_EQ(of(1).value()->identity.size(), 2u);
}

}  // namespace
}  // namespace angophora::walrus
