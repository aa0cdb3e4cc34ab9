#include "walrus/pack_collector.h"

#include "walrus/background_fixture.h"

namespace angophora::walrus {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
namespace fs = std::filesystem;

class PackCollector : public BackgroundTest {
 protected:
  void collect(bool all) { ASSERT_TRUE(world_.run(runtime_, look_at_packs(*services_, all))); }
  std::vector<std::string> packs(const std::string& folder = "/packs") const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(dir_ + folder))
      names.push_back(file.path().filename());
    return names;
  }
  // Three blobs that fill a pack.
  std::vector<Segment> fill() {
    return {put(std::string(600, 'a')), put(std::string(600, 'b')), put(std::string(600, 'c'))};
  }
};

TEST_F(PackCollector, APackOfWhichMostIsDeadIsWrittenAnew) {
  const auto old = fill();
  put(std::string(600, 'd'));
  const auto pack = place(old[0]).pack;
  remove(old[0]);
  collect(false);
  EXPECT_EQ(place(old[2]).pack, pack) << "a third is dead, not half";
  remove(old[1]);
  collect(false);
  EXPECT_NE(place(old[2]).pack, pack);
  EXPECT_EQ(read(old[2]).value(), std::string(600, 'c'));
  EXPECT_FALSE(fs::exists(dir_ + "/packs/" + pack));
  EXPECT_THAT(packs("/retired"), IsEmpty());
}

TEST_F(PackCollector, APackThatGrowsStays) {
  const auto old = fill();
  for (const auto& segment : old) remove(segment);
  collect(true);
  EXPECT_THAT(packs(), SizeIs(1));
  put(std::string(600, 'd'));
  collect(false);
  EXPECT_THAT(packs(), SizeIs(1)) << "only the present one";
}

TEST_F(PackCollector, ABlobOnItsWayIntoTheDatabaseKeepsItsPack) {
  const auto pending = append(std::string(900, 'p'));
  const auto dead = put(std::string(900, 'd'));
  remove(dead);
  put(std::string(900, 'x'));
  collect(true);
  ASSERT_TRUE(write([&](Tx& tx) { return Blobs(tx).refer({pending}, true); }));
  EXPECT_EQ(read(pending).value(), std::string(900, 'p'));
}

TEST_F(PackCollector, WhatACrashLeftIsRetiredAndNotDeleted) {
  append(std::string(900, 'p'));
  start("start2");
  collect(true);
  EXPECT_THAT(packs(), IsEmpty());
  EXPECT_THAT(packs("/retired"), SizeIs(1));
}

TEST_F(PackCollector, ADamagedBlobStaysWhereItIs) {
  const auto old = fill();
  const auto at = place(old[1]);
  start("start2");
  remove(old[0]);
  remove(old[2]);
  overwrite(dir_ + "/packs/" + at.pack, at.offset, 'X');
  collect(true);
  EXPECT_EQ(place(old[1]), at);
  EXPECT_EQ(read(old[1]).error().code, common::Errc::corrupt);
}

TEST_F(PackCollector, AnOldDatabaseFindsBlobsThatWereMovedSince) {
  const auto old = fill();
  const auto before = place(old[2]);
  start("start2");
  remove(old[0]);
  remove(old[1]);
  collect(true);
  const auto after = place(old[2]);
  ASSERT_NE(after, before);
  // The database of before: it knows nothing of the new pack.
  db_ = open_database();
  start("start3");
  auto known = old[2];
  NewBlob blob{known.blob, 600, before};
  known = segment_of(std::move(blob));
  ASSERT_TRUE(write([&](Tx& tx) { return Blobs(tx).refer({known}, true); }));
  EXPECT_EQ(read(known).error().code, common::Errc::not_found);
  collect(true);
  EXPECT_EQ(place(known), after);
  EXPECT_EQ(read(known).value(), std::string(600, 'c'));
}

}  // namespace
}  // namespace angophora::walrus
