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

TEST(Identities, AreTheSameAfterStoring) {
  const auto loaded = load_identities(store_identities(two_accounts())).value();
  EXPECT_EQ(loaded.version, 7);
  EXPECT_EQ(loaded.keys[0].sealed_secret, std::string("\0x", 2));
  EXPECT_EQ(store_identities(loaded), store_identities(two_accounts()));
  EXPECT_FALSE(load_identities("{}"));
  EXPECT_FALSE(load_identities("nonsense"));
}

}  // namespace
}  // namespace angophora::walrus
