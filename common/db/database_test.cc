#include "common/db/database.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "common/runtime/real_runtime.h"

namespace angophora::db {
namespace {

using common::awaitable;
using common::RealRuntime;
using common::Runtime;

constexpr Migration kFirst[] = {
    {1, "things",
     "CREATE TABLE things (name {text} PRIMARY KEY, size {i64} NOT NULL, data {blob})"}};
constexpr Migration kSecond[] = {
    kFirst[0], {2, "find by size", "CREATE INDEX things_by_size ON things(size)"}};

Result<std::int64_t> insert(Tx& tx, const std::string& name, std::int64_t size) {
  TRY(auto q, tx.prepare("INSERT INTO things(name, size) VALUES (?1, ?2)"));
  q.bind(1, name).bind(2, size);
  return q.run();
}

Result<std::int64_t> count(Tx& tx) {
  TRY(auto q, tx.prepare("SELECT count(*) FROM things"));
  TRY_VOID(q.step());
  return q.integer(0);
}

class DatabaseOnDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/angophora-db-XXXXXX";
    dir_ = mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string path() const { return dir_ + "/state.db"; }

  // Opens the database on a runtime of its own and runs `test` in it.
  void with(awaitable<void> (*test)(Runtime&, Database&)) {
    RealRuntime runtime({.handle_signals = false});
    auto opened = Database::open(runtime, {.path = path()}, kFirst);
    ASSERT_TRUE(opened) << opened.error().message;
    auto body = [](RealRuntime& r, Database& db,
                   awaitable<void> (*t)(Runtime&, Database&)) -> awaitable<void> {
      co_await t(r, db);
      r.stop();
    };
    runtime.spawn("test", body(runtime, *opened.value(), test));
    runtime.run();
  }

  std::string dir_;
};

TEST_F(DatabaseOnDisk, KeepsWhatWasWrittenAcrossOpens) {
  with([](Runtime&, Database& db) -> awaitable<void> {
    auto write = [](Tx& tx) { return insert(tx, "a", 1); };
    auto written = co_await db.write(write);
    EXPECT_TRUE(written);
  });
  with([](Runtime&, Database& db) -> awaitable<void> {
    auto read = co_await db.read(count);
    EXPECT_EQ(read.value(), 1);
  });
}

struct Tally {
  int good = 0, refused = 0, left = 0;
};

awaitable<void> write_one(Runtime& runtime, Database& db, int number, Tally& tally,
                          common::Wake& wake) {
  auto write = [number](Tx& tx) {
    return insert(tx, "thing" + std::to_string(number / 2), number);
  };
  auto written = co_await db.write(write);
  (void)runtime;
  if (written)
    ++tally.good;
  else if (written.error().code == DbErrc::unique)
    ++tally.refused;
  if (--tally.left == 0) wake.notify();
}

TEST_F(DatabaseOnDisk, ARefusedWriteDoesNotUndoItsNeighboursInTheGroup) {
  with([](Runtime& runtime, Database& db) -> awaitable<void> {
    Tally tally;
    common::Wake wake;
    tally.left = 200;
    for (int i = 0; i < 200; ++i) runtime.spawn("write", write_one(runtime, db, i, tally, wake));
    const bool all_done = co_await wake.wait(runtime, std::chrono::seconds(30));
    EXPECT_TRUE(all_done);
    EXPECT_EQ(tally.good, 100);
    EXPECT_EQ(tally.refused, 100);
    auto rows = co_await db.read(count);
    EXPECT_EQ(rows.value(), 100);
  });
}

TEST_F(DatabaseOnDisk, AFailedTransactionChangesNothing) {
  with([](Runtime&, Database& db) -> awaitable<void> {
    auto write = [](Tx& tx) -> Result<> {
      TRY_VOID(insert(tx, "a", 1));
      return Error(common::Errc::invalid_argument, "changed my mind");
    };
    auto written = co_await db.write(write);
    EXPECT_EQ(written.error().message, "changed my mind");
    auto rows = co_await db.read(count);
    EXPECT_EQ(rows.value(), 0);
  });
}

TEST_F(DatabaseOnDisk, AnExceptionInATransactionBecomesAnErrorAndRollsBack) {
  with([](Runtime&, Database& db) -> awaitable<void> {
    auto write = [](Tx& tx) -> Result<> {
      TRY_VOID(insert(tx, "a", 1));
      throw std::runtime_error("oops");
    };
    auto written = co_await db.write(write);
    EXPECT_EQ(written.error().code, common::Errc::internal);
    auto rows = co_await db.read(count);
    EXPECT_EQ(rows.value(), 0);
  });
}

Result<> limit_pages(Tx& tx, std::int64_t pages) {
  return tx.execute("PRAGMA max_page_count=" + std::to_string(pages));
}

Result<std::int64_t> insert_much(Tx& tx) {
  TRY(auto q, tx.prepare("INSERT INTO things(name, size, data) VALUES ('m', 1, ?1)"));
  q.bind_blob(1, std::string(1 << 20, 'x'));
  return q.run();
}

TEST_F(DatabaseOnDisk, SaysThatTheDiskIsFullUntilItIsNot) {
  with([](Runtime&, Database& db) -> awaitable<void> {
    auto fill = [](Tx& tx) { return limit_pages(tx, 1); };  // as few as it has
    auto empty = [](Tx& tx) { return limit_pages(tx, 1 << 20); };
    auto filled = co_await db.write(fill);
    EXPECT_TRUE(filled);
    EXPECT_EQ(db.why_not_writable(), "");
    auto refused = co_await db.write(insert_much);
    EXPECT_EQ(refused.error().code, DbErrc::full);
    EXPECT_NE(db.why_not_writable().find("state.db cannot be written"), std::string::npos);
    auto read = co_await db.read(count);
    EXPECT_TRUE(read);
    EXPECT_NE(db.why_not_writable(), "") << "a read tells nothing about it";
    auto room = co_await db.write(empty);
    EXPECT_TRUE(room);
    auto tried = co_await db.try_to_write();
    EXPECT_TRUE(tried);
    EXPECT_EQ(db.why_not_writable(), "");
    auto written = co_await db.write(insert_much);
    EXPECT_TRUE(written);
  });
}

TEST_F(DatabaseOnDisk, ReadersCannotWrite) {
  with([](Runtime&, Database& db) -> awaitable<void> {
    auto write = [](Tx& tx) { return insert(tx, "a", 1); };
    auto written = co_await db.read(write);
    EXPECT_FALSE(written);
  });
}

TEST_F(DatabaseOnDisk, MigratesUpAndRefusesASchemaFromTheFuture) {
  RealRuntime runtime({.handle_signals = false});
  ASSERT_TRUE(Database::open(runtime, {.path = path()}, kSecond));
  auto older = Database::open(runtime, {.path = path()}, kFirst);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, DbErrc::newer_schema);
}

TEST_F(DatabaseOnDisk, AFailingMigrationLeavesTheOldSchemaAndNamesItself) {
  constexpr Migration kBroken[] = {kFirst[0],
                                   {2, "nonsense", "CREATE TABLE x (a {i64}); NONSENSE"}};
  RealRuntime runtime({.handle_signals = false});
  auto opened = Database::open(runtime, {.path = path()}, kBroken);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("migration 2 (nonsense)"), std::string::npos);
  EXPECT_TRUE(Database::open(runtime, {.path = path()}, kFirst));
}

TEST_F(DatabaseOnDisk, AFileThatIsNoDatabaseIsNamedCorrupt) {
  ASSERT_EQ(system(("head -c 8192 /dev/urandom > " + path()).c_str()), 0);
  RealRuntime runtime({.handle_signals = false});
  auto opened = Database::open(runtime, {.path = path()}, kFirst);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, DbErrc::corrupt);
}

TEST(DatabaseInMemory, RunsInlineAndBindsEveryKind) {
  RealRuntime runtime({.handle_signals = false});
  auto db = Database::open(runtime, {.path = ":memory:", .inline_io = true}, kFirst);
  ASSERT_TRUE(db) << db.error().message;
  auto body = [](RealRuntime& r, Database& d) -> awaitable<void> {
    auto write = [](Tx& tx) -> Result<std::string> {
      TRY(auto q, tx.prepare("INSERT INTO things VALUES (?1, ?2, ?3)"));
      q.bind(1, "n").bind(2, std::optional<int>(7)).bind_blob(3, std::string_view("\0x", 2));
      TRY_VOID(q.run());
      TRY(auto s, tx.prepare("SELECT name, size, data FROM things"));
      TRY_VOID(s.step());
      return s.text(0) + std::to_string(s.integer(1)) + std::to_string(s.text(2).size());
    };
    auto text = co_await d.write(write);
    EXPECT_EQ(text.value(), "n72");
    r.stop();
  };
  runtime.spawn("test", body(runtime, *db.value()));
  runtime.run();
}

}  // namespace
}  // namespace angophora::db
