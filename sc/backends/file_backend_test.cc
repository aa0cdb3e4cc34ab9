#include "sc/backends/file_backend.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "common/runtime/gather.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::sc {
namespace {

namespace fs = std::filesystem;
using common::Errc;

const VolumeId kOne("vol-00000000000000001"), kTwo("vol-00000000000000002");

class FileBackendTest : public ::testing::Test {
 protected:
  FileBackendTest() {
    std::string name = fs::temp_directory_path() / "angophora-sc-XXXXXX";
    root_ = ::mkdtemp(name.data());
    limits_.reserve_percent = 0;
    limits_.overcommit_percent = 1'000'000;
    reopen();
  }
  ~FileBackendTest() override {
    runtime_.kill();
    fs::permissions(root_ / "volumes", fs::perms::owner_all);
    fs::remove_all(root_);
  }
  void reopen() {
    backend_ = FileBackend::open(runtime_, root_ / "volumes", limits_).assume_value();
  }
  Result<> create(const VolumeId& id, std::int64_t size_gib) {
    return world_.run(runtime_, backend_->create(id, size_gib));
  }
  Result<> remove(const VolumeId& id) { return world_.run(runtime_, backend_->remove(id)); }
  std::vector<Volume> list() { return world_.run(runtime_, backend_->list()).assume_value(); }
  fs::path file(const VolumeId& id) const { return root_ / "volumes" / (id.value + ".raw"); }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "sc"};
  fs::path root_;
  PoolLimits limits_;
  std::unique_ptr<FileBackend> backend_;
};

TEST_F(FileBackendTest, MakesSparseFilesThatStay) {
  ASSERT_TRUE(create(kTwo, 100));
  ASSERT_TRUE(create(kOne, 1));
  reopen();
  const auto volumes = list();
  ASSERT_EQ(volumes.size(), 2u);
  EXPECT_EQ(volumes[0].id, kOne);
  EXPECT_EQ(volumes[1].size_gib, 100u);
  struct stat status {};
  ASSERT_EQ(::stat(file(kTwo).c_str(), &status), 0);
  EXPECT_EQ(static_cast<std::uint64_t>(status.st_size), 100 * kBytesPerGib);
  EXPECT_LT(status.st_blocks, 1000);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(FileBackendTest, TakesARepeatedCreationOfTheSameSizeOnly) {
  ASSERT_TRUE(create(kOne, 2));
  EXPECT_TRUE(create(kOne, 2));
  EXPECT_EQ(create(kOne, 3).assume_error().code, VolumeErrc::size_mismatch);
  EXPECT_EQ(list()[0].size_gib, 2u);
}

TEST_F(FileBackendTest, RemovesOnceAndAgain) {
  ASSERT_TRUE(create(kOne, 1));
  EXPECT_TRUE(remove(kOne));
  EXPECT_TRUE(remove(kOne));
  EXPECT_TRUE(list().empty());
  EXPECT_TRUE(create(kOne, 5)) << "the id is free again";
}

TEST_F(FileBackendTest, LetsOverlappingCreationsOfOneVolumeBeOne) {
  std::vector<common::awaitable<Result<>>> works;
  for (int i = 0; i < 8; ++i) works.push_back(backend_->create(kOne, 1 + i % 2));
  const auto results =
      world_.run(runtime_, common::gather<Result<>>(runtime_, "create", std::move(works)));
  const auto size = list().at(0).size_gib;
  for (std::size_t i = 0; i < results.size(); ++i)
    EXPECT_EQ(results[i]->has_value(), 1 + i % 2 == size) << i;
  // Its bytes and its map.
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ / "volumes"), fs::directory_iterator()), 2);
}

TEST_F(FileBackendTest, RefusesBadIdsAndSizes) {
  EXPECT_EQ(create(VolumeId("vol-../../x"), 1).assume_error().code, VolumeErrc::bad_id);
  EXPECT_EQ(remove(VolumeId("../x")).assume_error().code, VolumeErrc::bad_id);
  EXPECT_EQ(create(kOne, 0).assume_error().code, VolumeErrc::bad_size);
  EXPECT_EQ(create(kOne, 16385).assume_error().code, VolumeErrc::bad_size);
  EXPECT_TRUE(list().empty());
}

TEST_F(FileBackendTest, RefusesWhenThePoolIsNearlyFull) {
  limits_.reserve_percent = 100;
  reopen();
  EXPECT_EQ(create(kOne, 1).assume_error().code, VolumeErrc::pool_full);
  EXPECT_TRUE(list().empty());
}

TEST_F(FileBackendTest, RefusesMoreThanItMayPromise) {
  ASSERT_TRUE(create(kOne, 1));
  limits_.overcommit_percent = 0;
  reopen();
  EXPECT_EQ(create(kTwo, 1).assume_error().code, VolumeErrc::pool_full);
  EXPECT_TRUE(create(kOne, 1)) << "a repeated one is there already";
}

TEST_F(FileBackendTest, RemovesWhatACrashLeftUnfinishedAndNothingElse) {
  ASSERT_TRUE(create(kOne, 1));
  const auto folder = root_ / "volumes";
  std::ofstream(folder / (kTwo.value + ".raw.0123abcd.new")) << "x";
  std::ofstream(folder / "notes.txt") << "x";
  EXPECT_EQ(list().size(), 1u);
  reopen();
  EXPECT_FALSE(fs::exists(folder / (kTwo.value + ".raw.0123abcd.new")));
  EXPECT_TRUE(fs::exists(folder / "notes.txt"));
  EXPECT_EQ(list().size(), 1u);
}

TEST_F(FileBackendTest, NamesTheDamageOfAFileThatWasCut) {
  ASSERT_TRUE(create(kOne, 2));
  fs::resize_file(file(kOne), 12345);
  EXPECT_NE(list().at(0).damage.find("12345 bytes"), std::string::npos);
  EXPECT_EQ(create(kOne, 2).assume_error().code, VolumeErrc::size_mismatch);
}

TEST_F(FileBackendTest, KnowsThePool) {
  const auto pool = world_.run(runtime_, backend_->pool()).assume_value();
  EXPECT_GT(pool.capacity_bytes, 0u);
  EXPECT_LE(pool.free_bytes, pool.capacity_bytes);
}

TEST_F(FileBackendTest, SaysWhichFolderItCannotUse) {
  std::ofstream(root_ / "file") << "x";
  const auto opened = FileBackend::open(runtime_, root_ / "file" / "volumes", limits_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.assume_error().code, Errc::io);
  EXPECT_NE(opened.assume_error().message.find((root_ / "file").string()), std::string::npos);
}

}  // namespace
}  // namespace angophora::sc
