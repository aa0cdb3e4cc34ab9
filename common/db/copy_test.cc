#include "common/db/copy.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "common/db/connection.h"

namespace angophora::db {
namespace {

namespace fs = std::filesystem;

class CopyTest : public ::testing::Test {
 protected:
  CopyTest() {
    char name[] = "/tmp/db-copy-test-XXXXXX";
    folder = mkdtemp(name);
    from = folder + "/from.sqlite";
    to = folder + "/to.sqlite";
    source = Connection::open(from, false).value();
    source->execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)").value();
  }
  ~CopyTest() override { fs::remove_all(folder); }
  std::int64_t rows(const std::string& path) {
    const auto connection = Connection::open(path, true).value();
    Tx tx(*connection);
    auto query = tx.prepare("SELECT count(*) FROM t").value();
    EXPECT_TRUE(query.step().value());
    return query.integer(0);
  }
  std::string folder, from, to;
  std::unique_ptr<Connection> source;
};

TEST_F(CopyTest, HoldsWhatWasCommittedAndNotWhatIsUnderWay) {
  source->execute("BEGIN; INSERT INTO t VALUES (2)").value();
  ASSERT_TRUE(copy_database(from, to));
  source->execute("COMMIT").value();
  EXPECT_EQ(rows(to), 1);
  EXPECT_EQ(rows(from), 2);
}

TEST_F(CopyTest, IsOneFileForItsOwner) {
  ASSERT_TRUE(copy_database(from, to));
  EXPECT_FALSE(fs::exists(to + "-wal"));
  struct stat found {};
  ASSERT_EQ(stat(to.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(CopyTest, ReplacesNothing) {
  std::ofstream(to) << "precious";
  EXPECT_FALSE(copy_database(from, to));
}

TEST_F(CopyTest, OfSomethingElseFails) {
  EXPECT_FALSE(copy_database(folder + "/none", to));
  std::ofstream(folder + "/text") << std::string(5000, 'x');
  EXPECT_FALSE(copy_database(folder + "/text", folder + "/copy"));
}

TEST_F(CopyTest, KnowsWhetherSomebodyHasItOpen) {
  EXPECT_TRUE(is_open_elsewhere(from).value());
  source.reset();
  EXPECT_FALSE(is_open_elsewhere(from).value());
  EXPECT_EQ(is_open_elsewhere(folder + "/none").error().code, common::Errc::not_found);
}

}  // namespace
}  // namespace angophora::db
