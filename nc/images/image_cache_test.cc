#include "nc/images/image_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/runtime/sim_runtime.h"
#include "nc/images/testing_bundle.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Error;
using common::Task;
using namespace std::chrono_literals;
using namespace testing_bundle;

constexpr std::size_t kPartBytes = 40'000;

// Serves bundles from memory.
class FakeSource final : public ImageSource {
 public:
  explicit FakeSource(common::Runtime& runtime) : runtime_(runtime) {}

  void put(const std::string& id, const std::string& image) {
    images_[ImageId(id)] = {image.size(), bundle_of(image)};
  }
  Task<ImageKey> get_key(ImageWish wish) override {
    ++keys_given;
    if (denied == wish.instance) co_return Error(Errc::permission_denied, "not your placement");
    if (!images_.contains(wish.image.id)) co_return Error(Errc::not_found, "no such image");
    const auto& [size, bundle] = images_[wish.image.id];
    ImageKey key{kKey, kIv, bundle.sha1_hex, size, {}};
    for (std::size_t at = 0; at < bundle.bytes.size(); at += kPartBytes) {
      const auto part = bundle.bytes.substr(at, kPartBytes);
      const auto index = static_cast<std::uint32_t>(key.parts.size());
      key.parts.push_back({index, common::hex_encode(crypto::sha1(part)), part.size()});
    }
    co_return key;
  }
  Task<std::string> fetch_part(ImageId id, ImagePart part) override {
    co_await runtime_.sleep_for(100ms);
    ++parts_given;
    if (failures_left > 0) {
      --failures_left;
      co_return Error(Errc::unavailable, "the object store is away");
    }
    auto bytes = images_[id].second.bytes.substr(part.index * kPartBytes, kPartBytes);
    if (damaged) bytes[7] ^= 1;
    co_return bytes;
  }

  int keys_given = 0;
  int parts_given = 0;
  int failures_left = 0;
  bool damaged = false;
  InstanceId denied;

 private:
  common::Runtime& runtime_;
  std::map<ImageId, std::pair<std::uint64_t, Bundle>> images_;
};

class ImageCacheTest : public testing::Test {
 protected:
  ImageCacheTest() {
    std::string name = testing::TempDir() + "cache-XXXXXX";
    options_.dir = mkdtemp(name.data());
    options_.disk_margin_bytes = 0;
    restart();
  }
  ~ImageCacheTest() override {
    runtime_.kill();
    std::filesystem::remove_all(options_.dir);
  }

  void restart() {
    cache_ = std::make_unique<ImageCache>(runtime_, source_, options_);
    ASSERT_TRUE(world_.run(runtime_, cache_->load()));
  }
  common::Result<ImageLease> get(const std::string& image, const std::string& instance = "i-1") {
    ImageWish wish{InstanceId(instance), 1, {.id = ImageId(image)}};
    return world_.run(runtime_, cache_->acquire(wish, [] { return true; }));
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(options_.dir), {}));
  }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "nc"};
  FakeSource source_{runtime_};
  ImageCacheOptions options_;
  std::unique_ptr<ImageCache> cache_;
};

TEST_F(ImageCacheTest, FetchesAnImageOnceAndKeepsItReadOnly) {
  const auto image = noise(100'000);
  source_.put("emi-1", image);
  const auto first = get("emi-1");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(content(first.assume_value().path), image);
  EXPECT_EQ(first.assume_value().size_bytes, image.size());
  struct stat info {};
  stat(first.assume_value().path.c_str(), &info);
  EXPECT_EQ(info.st_mode & 0777, 0444u);
  ASSERT_TRUE(get("emi-1"));
  EXPECT_EQ(source_.keys_given, 1);
}

TEST_F(ImageCacheTest, SharesOneFetchAmongAllWhoAsk) {
  source_.put("emi-1", noise(100'000));
  int done = 0;
  const auto ask = [](ImageCache& cache, int number, int& count) -> common::awaitable<void> {
    ImageWish wish{InstanceId("i-" + std::to_string(number)), 1, {.id = ImageId("emi-1")}};
    const auto got = co_await cache.acquire(wish, [] { return true; });
    if (got) ++count;
  };
  for (int i = 0; i < 5; ++i) runtime_.spawn("ask", ask(*cache_, i, done));
  EXPECT_TRUE(world_.run_until([&] { return done == 5; }, 1min));
  EXPECT_EQ(source_.keys_given, 1);
}

TEST_F(ImageCacheTest, TriesAgainWhenTheFirstWhoAskedMayNotHaveIt) {
  source_.put("emi-1", noise(100));
  source_.denied = InstanceId("i-1");
  int denied = 0, got = 0;
  const auto ask = [](ImageCache& cache, std::string who, int& yes,
                      int& no) -> common::awaitable<void> {
    ImageWish wish{InstanceId(who), 1, {.id = ImageId("emi-1")}};
    const auto result = co_await cache.acquire(wish, [] { return true; });
    ++(result ? yes : no);
  };
  runtime_.spawn("ask", ask(*cache_, "i-1", got, denied));
  runtime_.spawn("ask", ask(*cache_, "i-2", got, denied));
  EXPECT_TRUE(world_.run_until([&] { return denied == 1 && got == 1; }, 1min));
}

TEST_F(ImageCacheTest, GoesOnAfterTheObjectStoreWasAway) {
  source_.put("emi-1", noise(100'000));
  source_.failures_left = 2;
  EXPECT_TRUE(get("emi-1"));
}

TEST_F(ImageCacheTest, RefusesDamagedPartsAndLeavesNothingBehind) {
  source_.put("emi-1", noise(100'000));
  source_.damaged = true;
  const auto got = get("emi-1");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::corrupt);
  EXPECT_NE(got.error().message.find("emi-1"), std::string::npos);
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(cache_->used_bytes(), 0u);
}

TEST_F(ImageCacheTest, EvictsWhatWasUsedLongestAgo) {
  options_.bytes_max = 250'000;
  restart();
  for (const auto* id : {"emi-1", "emi-2", "emi-3"}) source_.put(id, noise(100'000));
  ASSERT_TRUE(get("emi-1"));
  ASSERT_TRUE(get("emi-2"));
  ASSERT_TRUE(get("emi-1"));
  ASSERT_TRUE(get("emi-3"));
  EXPECT_TRUE(cache_->hold(ImageId("emi-1")));
  EXPECT_FALSE(cache_->hold(ImageId("emi-2")));
  EXPECT_EQ(files(), 2u);
}

TEST_F(ImageCacheTest, NeverEvictsWhatIsInUse) {
  options_.bytes_max = 250'000;
  restart();
  for (const auto* id : {"emi-1", "emi-2", "emi-3"}) source_.put(id, noise(100'000));
  const auto one = get("emi-1");
  auto two = get("emi-2");
  const auto refused = get("emi-3");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::limit_exceeded);
  two = Error(Errc::cancelled, "given back");
  EXPECT_TRUE(get("emi-3"));
  EXPECT_TRUE(std::filesystem::exists(one.assume_value().path));
}

TEST_F(ImageCacheTest, RemovesWhatNobodyHasUsedForLong) {
  options_.unused_max = 24h;
  restart();
  for (const std::string id : {"emi-1", "emi-2", "emi-3"}) source_.put(id, noise(1'000));
  const auto in_use = get("emi-1");
  ASSERT_TRUE(in_use && get("emi-2") && get("emi-3"));
  world_.run_for(20h);
  ASSERT_TRUE(world_.run(runtime_, cache_->remove_unused()));
  EXPECT_EQ(files(), 3u);
  ASSERT_TRUE(get("emi-3"));
  world_.run_for(5h);
  ASSERT_TRUE(world_.run(runtime_, cache_->remove_unused()));
  EXPECT_EQ(files(), 2u);
  EXPECT_FALSE(cache_->hold(ImageId("emi-2")));
  EXPECT_TRUE(cache_->hold(ImageId("emi-1")) && cache_->hold(ImageId("emi-3")));
}

TEST_F(ImageCacheTest, SaysWhenTheDiskIsFull) {
  options_.disk_margin_bytes = 1ull << 60;
  restart();
  source_.put("emi-1", noise(100));
  const auto refused = get("emi-1");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::limit_exceeded);
  EXPECT_NE(refused.error().message.find("disk"), std::string::npos);
}

TEST_F(ImageCacheTest, FindsItsImagesAfterARestartAndDropsWhatIsHalfMade) {
  source_.put("emi-1", noise(1000));
  ASSERT_TRUE(get("emi-1"));
  std::ofstream(options_.dir + "/emi-2.img.partial") << "half";
  restart();
  EXPECT_TRUE(cache_->hold(ImageId("emi-1")));
  EXPECT_EQ(files(), 1u);
}

TEST_F(ImageCacheTest, LetsGoOfWhomNobodyWaitsFor) {
  source_.put("emi-1", noise(1'000'000));
  bool wanted = true;
  world_.call_at(world_.steady_now() + 500ms, [&] { wanted = false; });
  ImageWish wish{InstanceId("i-1"), 1, {.id = ImageId("emi-1")}};
  const auto got = world_.run(runtime_, cache_->acquire(wish, [&] { return wanted; }));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::cancelled);
}

TEST_F(ImageCacheTest, RefusesANameThatLeavesItsFolder) {
  EXPECT_EQ(get("../emi-1").error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace angophora::nc
