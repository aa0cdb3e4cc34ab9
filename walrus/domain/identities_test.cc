#include "walrus/domain/identities.h"

#include <gtest/gtest.h>

namespace angophora::walrus {
namespace {

IdentityList two_accounts() {
  IdentityList list;
  list.version = 7;
  list.accounts = {{common::AccountId("1"), "one", "c1"}, {common::AccountId("2"), "two", "c2"}};
  list.users = {{common::UserId("U1"), common::AccountId("1"), "admin", "arn:1"},
                {common::UserId("U9"), common::AccountId("9"), "lost", "arn:9"}};
  list.keys = {{"AK1", common::UserId("U1"), std::string("\0x", 2), true},
               {"AK2", common::UserId("U1"), "s", false},
               {"AK9", common::UserId("U9"), "s", true}};
  return list;
}

TEST(Identities, FindsTheOwnerOfAKey) {
  const Identities identities(two_accounts());
  const auto owner = identities.find_key("AK1");
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->account.canonical_id, "c1");
  EXPECT_EQ(owner->user.name, "admin");
}

TEST(Identities, KnowsNoInactiveUnknownOrOrphanedKey) {
  const Identities identities(two_accounts());
  for (const auto* key : {"AK2", "AK9", "nope"}) EXPECT_FALSE(identities.find_key(key)) << key;
}

TEST(Identities, FindsAccountsByBothIds) {
  const Identities identities(two_accounts());
  EXPECT_EQ(identities.account(common::AccountId("2"))->name, "two");
  EXPECT_EQ(identities.account_of_canonical_id("c2")->name, "two");
  EXPECT_EQ(identities.account_of_canonical_id("c3"), nullptr);
}

TEST(Identities, TakeChangesOfEachKind) {
  Identities identities(two_accounts());
  IdentityChanges changes;
  changes.present = {9,
                     {{common::AccountId("3"), "three", "c3"}},
                     {{common::UserId("U3"), common::AccountId("3"), "admin", "arn:3", true}},
                     {{"AK3", common::UserId("U3"), "s", true}}};
  identities.apply(changes);
  EXPECT_EQ(identities.version(), 9);
  EXPECT_TRUE(identities.find_key("AK3")->user.is_root);
  EXPECT_TRUE(identities.find_key("AK1")) << "what is not named stays";
}

TEST(Identities, ForgetWhatWasRemoved) {
  Identities identities(two_accounts());
  IdentityChanges key_gone;
  key_gone.removed_keys = {"AK1"};
  identities.apply(key_gone);
  EXPECT_FALSE(identities.find_key("AK1"));
  Identities others(two_accounts());
  IdentityChanges user_gone;
  user_gone.removed_users = {common::UserId("U1")};
  others.apply(user_gone);
  EXPECT_FALSE(others.find_key("AK1"));
  IdentityChanges account_gone;
  account_gone.removed_accounts = {common::AccountId("1")};
  others.apply(account_gone);
  EXPECT_EQ(others.account(common::AccountId("1")), nullptr);
  EXPECT_EQ(others.account_of_canonical_id("c1"), nullptr);
}

TEST(Identities, AnAccountIsFoundByItsNewNamesOnly) {
  Identities identities(two_accounts());
  IdentityChanges changes;
  changes.present.accounts = {{common::AccountId("1"), "renamed", "c7"}};
  identities.apply(changes);
  EXPECT_EQ(identities.account_of_canonical_id("c7")->name, "renamed");
  EXPECT_EQ(identities.account_of_canonical_id("c1"), nullptr);
}

TEST(Identities, AWholeListForgetsAllElse) {
  Identities identities(two_accounts());
  IdentityChanges changes;
  changes.whole = true;
  changes.present = {2, {{common::AccountId("5"), "five", "c5"}}, {}, {}};
  identities.apply(changes);
  EXPECT_EQ(identities.accounts(), 1u);
  EXPECT_FALSE(identities.find_key("AK1"));
}

}  // namespace
}  // namespace angophora::walrus
