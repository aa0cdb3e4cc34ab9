#include "walrus/scrubber.h"

#include "walrus/background_fixture.h"

namespace angophora::walrus {
namespace {

using testing::HasSubstr;

class ScrubberTest : public BackgroundTest {
 protected:
  void SetUp() override {
    BackgroundTest::SetUp();
    services_->settings.scrub_mib_per_s = 0;
    scrubber_ = std::make_unique<Scrubber>(*services_, metrics_);
    world_.run_for(std::chrono::hours(24 * 365));
  }
  // A whole round; how many steps had something to do.
  int round() {
    for (int steps = 0;; ++steps)
      if (!world_.run(runtime_, scrubber_->step()).value()) return steps;
  }
  double damaged() { return metrics_.gauge("walrus_damaged_blobs", "").value(); }
  std::uint64_t read_blobs() { return metrics_.counter("walrus_scrubbed_blobs_total", "").value(); }
  std::string path(const Segment& segment) {
    const auto at = place(segment);
    return at.pack.empty() ? dir_ + "/blobs/" + segment.blob.substr(0, 2) + "/" + segment.blob
                           : dir_ + "/packs/" + at.pack;
  }
  void flip(const Segment& segment, std::uint64_t offset) {
    overwrite(path(segment), place(segment).offset + offset, 'X');
  }

  admin::Metrics metrics_;
  std::unique_ptr<Scrubber> scrubber_;
};

TEST_F(ScrubberTest, ReadsEveryBlobOnceARound) {
  for (int i = 0; i < 70; ++i) put(std::string(100, 'p'));
  for (int i = 0; i < 70; ++i) put(std::string(2000, 'f'));
  round();
  EXPECT_EQ(read_blobs(), 140u);
  EXPECT_EQ(damaged(), 0);
  EXPECT_EQ(round(), 0) << "the next round is not due";
  world_.run_for(std::chrono::hours(24 * 7));
  round();
  EXPECT_EQ(read_blobs(), 280u);
}

TEST_F(ScrubberTest, FindsEveryFlippedBit) {
  const auto packed = put(std::string(100, 'p')), whole = put(std::string(100, 'p'));
  const auto file = put(std::string(3'000'000, 'f'));
  services_->verifier->add(file.blob);
  flip(packed, 99);
  flip(file, 2'500'000);
  round();
  EXPECT_EQ(damaged(), 2);
  EXPECT_FALSE(services_->verifier->knows(file.blob)) << "the next read must see it";
  const auto text = write([&](Tx& tx) -> Result<std::string> {
    TRY(auto q, tx.prepare("SELECT reason FROM damaged_blobs WHERE blob=?1"));
    q.bind(1, file.blob);
    TRY_VOID(q.step());
    return q.text(0);
  });
  EXPECT_THAT(text.value(), HasSubstr("not those that were kept"));
}

TEST_F(ScrubberTest, FindsWhatIsMissingOrShort) {
  const auto gone = put(std::string(2000, 'f')), cut = put(std::string(2000, 'f'));
  std::filesystem::remove(path(gone));
  std::filesystem::resize_file(path(cut), 1999);
  round();
  EXPECT_EQ(damaged(), 2);
}

TEST_F(ScrubberTest, ForgetsWhatWasMendedOrDeleted) {
  const auto mended = put(std::string(2000, 'f')), deleted = put(std::string(2000, 'f'));
  flip(mended, 5);
  flip(deleted, 5);
  round();
  ASSERT_EQ(damaged(), 2);
  overwrite(path(mended), 5, 'f');
  FreedBlobs freed;
  ASSERT_TRUE(write([&](Tx& tx) { return Blobs(tx).release({deleted}, freed); }));
  world_.run_for(std::chrono::hours(24 * 7));
  round();
  EXPECT_EQ(damaged(), 0);
}

TEST_F(ScrubberTest, GoesOnWhereItWasAfterARestart) {
  for (int i = 0; i < 100; ++i) put(std::string(100, 'p'));
  ASSERT_TRUE(world_.run(runtime_, scrubber_->step()).value());
  ASSERT_TRUE(world_.run(runtime_, scrubber_->step()).value());
  const auto before = read_blobs();
  ASSERT_GT(before, 0u);
  ASSERT_LT(before, 100u);
  start("start2");
  services_->settings.scrub_mib_per_s = 0;
  scrubber_ = std::make_unique<Scrubber>(*services_, metrics_);
  round();
  EXPECT_EQ(read_blobs(), 100u);
}

TEST_F(ScrubberTest, GivesAChecksumToBlobsThatHaveNone) {
  const auto old = put(std::string(2000, 'f'));
  const auto kept = write([&](Tx& tx) { return Blobs(tx).find(old.blob); }).value().crc32c;
  ASSERT_TRUE(write([&](Tx& tx) { return tx.execute("UPDATE blobs SET crc32c=-1"); }));
  round();
  EXPECT_EQ(write([&](Tx& tx) { return Blobs(tx).find(old.blob); }).value().crc32c, kept);
}

TEST_F(ScrubberTest, KeepsToItsRate) {
  services_->settings.scrub_mib_per_s = 1;
  put(std::string(10 << 20, 'f'));
  const auto begun = world_.steady_now();
  round();
  EXPECT_GE(world_.steady_now() - begun, std::chrono::seconds(10));
}

TEST(VerifierTest, RemembersUntilItIsFullOrToldOtherwise) {
  Verifier verifier(2);
  verifier.add("a");
  verifier.add("b");
  EXPECT_TRUE(verifier.knows("a"));
  verifier.forget("a");
  EXPECT_FALSE(verifier.knows("a"));
  verifier.add("a");
  verifier.add("c");
  EXPECT_FALSE(verifier.knows("a"));
  EXPECT_TRUE(verifier.knows("c"));
}

}  // namespace
}  // namespace angophora::walrus
