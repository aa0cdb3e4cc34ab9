// Databases of earlier versions become present ones.
#include "clc/store/migrations.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "clc/store/accounts.h"
#include "clc/store/identities.h"
#include "clc/store/identity_changes.h"
#include "clc/store/users.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc {
namespace {

class OlderDatabase : public ::testing::Test {
 protected:
  OlderDatabase() {
    char pattern[] = "/tmp/angophora-migrations-XXXXXX";
    folder = mkdtemp(pattern);
  }
  ~OlderDatabase() override { std::filesystem::remove_all(folder); }

  // As a program that knows the first `count` migrations opens it.
  std::unique_ptr<db::Database> open(std::size_t count) {
    db::Options options;
    options.path = folder + "/clc.sqlite";
    options.inline_io = true;
    auto opened =
        db::Database::open(runtime, options, std::span<const db::Migration>(kMigrations, count));
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(opened).value();
  }
  template <class F>
  auto write(db::Database& database, F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    return world.run<R>(runtime, database.write(std::move(f)));
  }

  std::string folder;
  common::SimWorld world{1};
  common::SimRuntime runtime{world, "clc"};
};

TEST_F(OlderDatabase, OfOneAccountHasItsRootAliasAndChanges) {
  constexpr std::size_t kOfOneAccount = 12;
  {
    const auto old = open(kOfOneAccount);
    ASSERT_TRUE(write(*old, [](Tx& tx) {
      return tx.execute(
          "INSERT INTO accounts VALUES ('123456789012', 'angophora', 'c', 1);"
          "INSERT INTO users VALUES ('AIDAX', '123456789012', 'admin', '/', 1);"
          "INSERT INTO access_keys VALUES ('AKIAX', 'AIDAX', 'secret', 1, 1);"
          "INSERT INTO certificates VALUES ('ASCAX', 'AIDAX', 'PEM', 1, 1, '');"
          "INSERT INTO counters VALUES ('identities', 40)");
    }));
  }
  const auto present = open(std::size(kMigrations));
  const AccountId account("123456789012");
  const auto root = write(*present, [=](Tx& tx) { return Users(tx).root_of(account); });
  EXPECT_TRUE(root.value().is_root);
  EXPECT_TRUE(root.value().is_enabled);
  const auto alias = write(*present, [=](Tx& tx) { return Accounts(tx).alias(account); });
  EXPECT_EQ(alias.value(), "angophora");
  const auto found =
      write(*present, [](Tx& tx) { return Identities(tx).find_credential("AKIAX"); });
  EXPECT_EQ(found.value()->account.name, "angophora");
  // Whoever has a copy of the old version is told all of it.
  const auto told = write(*present, [](Tx& tx) { return IdentityChanges(tx).after(40, 100); });
  constexpr std::size_t kPolicies = 9;  // that come with the cloud
  EXPECT_EQ(told.value().size(), 4 + kPolicies);
  const auto newest = write(*present, [](Tx& tx) { return IdentityChanges(tx).version(); });
  EXPECT_EQ(newest.value(), 44 + static_cast<std::int64_t>(kPolicies));
}

TEST_F(OlderDatabase, ThatIsEmptyStaysSo) {
  { open(12); }
  const auto present = open(std::size(kMigrations));
  const auto told = write(*present, [](Tx& tx) { return IdentityChanges(tx).after(0, 100); });
  for (const auto& change : told.value()) EXPECT_EQ(change.kind, IdentityKind::policy);
  EXPECT_TRUE(write(*present, [](Tx& tx) { return Accounts(tx).list(); }).value().empty());
}

// Those who had a copy before there were policies in it get them all, and what comes then is newer.
TEST_F(OlderDatabase, TellsOfPoliciesThatNobodyWasToldOf) {
  constexpr std::size_t kWithPolicies = 16;
  {
    const auto old = open(kWithPolicies);
    ASSERT_TRUE(write(*old, [](Tx& tx) {
      return tx.execute(
          "INSERT INTO counters VALUES ('identities', 70);"
          "INSERT INTO identity_changes VALUES (70, 'policy', 'ANPAIAMFULLACCESS000')");
    }));
  }
  const auto present = open(std::size(kMigrations));
  const auto told = write(*present, [](Tx& tx) { return IdentityChanges(tx).after(70, 100); });
  EXPECT_EQ(told.value().size(), 8u);
  ASSERT_TRUE(write(*present,
                    [](Tx& tx) { return IdentityChanges(tx).note(IdentityKind::user, "AIDAX"); }));
  EXPECT_EQ(write(*present, [](Tx& tx) { return IdentityChanges(tx).version(); }).value(), 79);
}

}  // namespace
}  // namespace angophora::clc
