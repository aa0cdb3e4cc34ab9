// What every blob store must do. A new driver is one more line at the end.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>

#include "common/crypto/crc.h"
#include "walrus/objects/local_blob_store.h"
#include "walrus/objects/memory_blob_store.h"

namespace angophora::walrus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A store that can be closed and opened again.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual BlobStore& open(const std::string& start) = 0;
};

class LocalDriver final : public Driver {
 public:
  explicit LocalDriver(std::uint64_t packed_bytes_max) : packed_bytes_max_(packed_bytes_max) {
    char pattern[] = "/tmp/angophora-blobs-XXXXXX";
    dir_ = mkdtemp(pattern);
  }
  ~LocalDriver() override { std::filesystem::remove_all(dir_); }
  BlobStore& open(const std::string& start) override {
    store_.reset();
    store_ = std::move(LocalBlobStore::open({dir_, 0, packed_bytes_max_}, start).value());
    return *store_;
  }

 private:
  std::uint64_t packed_bytes_max_;
  std::string dir_;
  std::unique_ptr<BlobStore> store_;
};

class MemoryDriver final : public Driver {
 public:
  BlobStore& open(const std::string& start) override {
    store_.restart(start);
    return store_;
  }

 private:
  MemoryBlobStore store_{""};
};

struct Maker {
  const char* name;
  std::unique_ptr<Driver> (*make)();
};

class BlobStoreSuite : public testing::TestWithParam<Maker> {
 protected:
  NewBlob keep(const std::string& name, std::string_view bytes,
               std::optional<std::uint64_t> promised) {
    auto draft = store_->draft(name, promised).value();
    EXPECT_TRUE(draft->write(bytes.substr(0, 2)));
    EXPECT_TRUE(draft->write(bytes.substr(2)));
    EXPECT_EQ(draft->size_bytes(), bytes.size());
    auto blob = draft->keep().value();
    EXPECT_EQ(blob.id, draft->id());
    EXPECT_TRUE(!blob.settle || blob.settle());
    return blob;
  }
  // One with a place of its own.
  NewBlob keep_alone(const std::string& name, std::string_view bytes) {
    auto blob = keep(name, bytes, std::nullopt);
    EXPECT_EQ(blob.place, BlobPlace());
    return blob;
  }
  std::string read(const NewBlob& blob) {
    const auto open = store_->open(blob.id, blob.place);
    if (!open) return "error: " + open.error().message;
    return read_whole(*open.value(), blob.id, blob.size_bytes, blob.crc32c).value();
  }

  std::unique_ptr<Driver> driver_ = GetParam().make();
  BlobStore* store_ = &driver_->open("start1");
};

TEST_P(BlobStoreSuite, KeepsBytesWithTheirSizeAndChecksumAlsoOverAStart) {
  const auto blob = keep("ab01", "the bytes", 9);
  EXPECT_EQ(blob.size_bytes, 9u);
  EXPECT_EQ(blob.crc32c, crypto::crc32c("the bytes"));
  EXPECT_EQ(is_packed(blob.id), !blob.place.pack.empty());
  EXPECT_EQ(read(blob), "the bytes");
  store_ = &driver_->open("start2");
  EXPECT_EQ(read(blob), "the bytes");
}

TEST_P(BlobStoreSuite, ReadsStretchesAndRefusesThemBehindTheEnd) {
  const auto blob = keep_alone("ab02", "0123456789");
  const auto open = store_->open(blob.id, blob.place).value();
  std::string some(3, ' ');
  ASSERT_TRUE(open->read(4, some));
  EXPECT_EQ(some, "456");
  EXPECT_EQ(open->read(8, some).error().code, common::Errc::corrupt);
  EXPECT_EQ(open->read(80, some).error().code, common::Errc::corrupt);
}

TEST_P(BlobStoreSuite, SeesThatBytesAreNotThoseThatWereKept) {
  const auto blob = keep("ab03", "the bytes", 9);
  const auto open = store_->open(blob.id, blob.place).value();
  EXPECT_EQ(read_whole(*open, blob.id, 9, blob.crc32c + 1).error().code, common::Errc::corrupt);
  EXPECT_EQ(read_whole(*open, blob.id, 9, kUnknownCrc).value(), "the bytes");
}

TEST_P(BlobStoreSuite, ARemovedBlobIsGoneButForThoseWhoReadIt) {
  const auto blob = keep_alone("ab04", "the bytes");
  const auto open = store_->open(blob.id, blob.place).value();
  ASSERT_TRUE(store_->remove(blob.id));
  ASSERT_TRUE(store_->remove(blob.id));
  EXPECT_EQ(store_->open(blob.id, blob.place).error().code, common::Errc::not_found);
  EXPECT_EQ(read_whole(*open, blob.id, 9, blob.crc32c).value(), "the bytes");
}

TEST_P(BlobStoreSuite, ADraftThatIsDroppedLeavesNothing) {
  std::string id;
  {
    auto draft = store_->draft("ab05", std::nullopt).value();
    ASSERT_TRUE(draft->write("bytes"));
    id = draft->id();
  }
  EXPECT_EQ(store_->open(id, {}).error().code, common::Errc::not_found);
  store_ = &driver_->open("start2");
  EXPECT_THAT(store_->blobs_of_earlier_starts(0xab).value(), IsEmpty());
}

TEST_P(BlobStoreSuite, OnlyBlobsOfEarlierStartsMayBeRubbish) {
  const auto first = keep_alone("ab06", "bytes");
  EXPECT_THAT(store_->blobs_of_earlier_starts(0xab).value(), IsEmpty());
  store_ = &driver_->open("start2");
  keep_alone("ab07", "bytes");
  EXPECT_THAT(store_->blobs_of_earlier_starts(0xab).value(), ElementsAre(first.id));
  EXPECT_THAT(store_->blobs_of_earlier_starts(0xac).value(), IsEmpty());
}

TEST_P(BlobStoreSuite, ARetiredBlobCanComeBackAndCanGo) {
  const auto blob = keep_alone("ab08", "bytes");
  ASSERT_TRUE(store_->retire(blob.id));
  EXPECT_EQ(store_->open(blob.id, {}).error().code, common::Errc::not_found);
  ASSERT_EQ(store_->retired().value().size(), 1u);
  EXPECT_EQ(store_->retired().value()[0].id, blob.id);
  ASSERT_TRUE(store_->restore(blob.id));
  EXPECT_EQ(read(blob), "bytes");
  EXPECT_FALSE(store_->restore(blob.id));
  ASSERT_TRUE(store_->retire(blob.id));
  ASSERT_TRUE(store_->delete_retired(blob.id));
  ASSERT_TRUE(store_->delete_retired(blob.id));
  EXPECT_THAT(store_->retired().value(), IsEmpty());
}

TEST_P(BlobStoreSuite, KnowsHowMuchRoomThereIs) { EXPECT_GT(store_->free_bytes().value(), 0u); }

INSTANTIATE_TEST_SUITE_P(
    Drivers, BlobStoreSuite,
    testing::Values(
        Maker{"LocalFiles",
              [] { return std::unique_ptr<Driver>(std::make_unique<LocalDriver>(0)); }},
        Maker{"LocalPacks",
              [] { return std::unique_ptr<Driver>(std::make_unique<LocalDriver>(1000)); }},
        Maker{"Memory", [] { return std::unique_ptr<Driver>(std::make_unique<MemoryDriver>()); }}),
    [](const auto& chosen) { return chosen.param.name; });

}  // namespace
}  // namespace angophora::walrus
