// Versions in the database: what is the newest, what is listed, what becomes of blobs. And that a
// database of the release before opens and keeps its objects.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "common/runtime/real_runtime.h"
#include "walrus/domain/s3_errors.h"
#include "walrus/store/bucket_settings.h"
#include "walrus/store/buckets.h"
#include "walrus/store/migrations.h"
#include "walrus/store/objects.h"
#include "walrus/store/usage.h"

namespace angophora::walrus {
namespace {

using common::RealRuntime;
using testing::ElementsAre;
using testing::IsEmpty;

class Versions : public testing::Test {
 protected:
  void open(std::span<const db::Migration> migrations, const std::string& path = ":memory:") {
    db::Options options;
    options.path = path;
    options.inline_io = true;
    db_.reset();
    db_ = std::move(db::Database::open(runtime_, options, migrations).value());
  }
  template <class F>
  auto write(F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    auto result = std::make_shared<std::optional<R>>();
    auto body = [](RealRuntime& r, db::Database& db, F work,
                   std::shared_ptr<std::optional<R>> into) -> common::awaitable<void> {
      into->emplace(co_await db.write(std::move(work)));
      r.stop();
    };
    RealRuntime runtime({.handle_signals = false});
    runtime.spawn("write", body(runtime, *db_, std::move(f), result));
    runtime.run();
    return std::move(**result);
  }
  void make_bucket() {
    open(kMigrations);
    const Bucket bucket{"b", *canned_acl("private", "owner", ""), "", {}};
    ASSERT_TRUE(write([=](Tx& tx) { return Buckets(tx).insert(bucket); }));
  }
  // Stores a version with a blob of its own, or a delete marker; the blobs that this freed.
  FreedBlobs put(const std::string& key, const std::string& version, const std::string& blob) {
    Object o;
    o.bucket = "b";
    o.key = key;
    o.version = version;
    o.etag = blob;
    o.acl = *canned_acl("private", "owner", "");
    o.delete_marker = blob.empty();
    if (!blob.empty()) {
      o.content = {{blob, 0, 3}};
      o.size_bytes = 3;
    }
    return write([o](Tx& tx) -> Result<FreedBlobs> {
             FreedBlobs freed;
             TRY_VOID(Blobs(tx).refer(o.content, true));
             TRY_VOID(Objects(tx).put(o, freed));
             return freed;
           })
        .value();
  }
  FreedBlobs remove(const std::string& key, const std::string& version) {
    return write([=](Tx& tx) -> Result<FreedBlobs> {
             FreedBlobs freed;
             TRY_VOID(Objects(tx).remove_version("b", key, version, freed));
             return freed;
           })
        .value();
  }
  UsageFigures usage() {
    const auto all = write([](Tx& tx) { return Usage(tx).of_all(); }).value();
    const auto of_b = write([](Tx& tx) { return Usage(tx).of_bucket("b"); }).value();
    EXPECT_EQ(all.objects, of_b.objects);
    EXPECT_EQ(all.bytes, of_b.bytes);
    return all;
  }
  std::string newest(const std::string& key) {
    const auto found = write([=](Tx& tx) { return Objects(tx).find_if_there("b", key); }).value();
    return found ? found->etag : "";
  }
  std::vector<std::string> listed() {
    const auto page = write([](Tx& tx) { return Objects(tx).list("b", {}); }).value();
    std::vector<std::string> keys;
    for (const auto& row : page.rows) keys.push_back(row.key + "=" + row.etag);
    return keys;
  }
  std::vector<std::string> all_versions(ListQuery query = {}) {
    std::vector<std::string> names;
    for (;;) {
      const auto page =
          write([=](Tx& tx) { return Objects(tx).list_versions("b", query); }).value();
      for (const auto& row : page.rows)
        names.push_back(row.key + ":" + row.version + (row.is_latest ? "*" : ""));
      if (!page.truncated) return names;
      query.after_key = page.next_key;
      query.after_sub = page.next_sub;
    }
  }

  RealRuntime runtime_{common::RealRuntimeOptions{.handle_signals = false}};
  std::unique_ptr<db::Database> db_;
};

TEST_F(Versions, TheNewestIsSeenAndTheOthersStay) {
  make_bucket();
  EXPECT_THAT(put("k", "v1", "b1"), IsEmpty());
  EXPECT_THAT(put("k", "v2", "b2"), IsEmpty());
  EXPECT_EQ(newest("k"), "b2");
  EXPECT_THAT(listed(), ElementsAre("k=b2"));
  EXPECT_THAT(all_versions(), ElementsAre("k:v2*", "k:v1"));
  const auto old = write([](Tx& tx) { return Objects(tx).find_version("b", "k", "v1"); }).value();
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->is_latest);
}

TEST_F(Versions, TheNullVersionIsReplacedWhereverItIs) {
  make_bucket();
  put("k", "null", "b0");
  put("k", "v1", "b1");
  EXPECT_THAT(put("k", "null", "b2"), ElementsAre("b0"));
  EXPECT_THAT(all_versions(), ElementsAre("k:null*", "k:v1"));
}

TEST_F(Versions, ADeleteMarkerHidesAndItsRemovalShowsAgain) {
  make_bucket();
  put("k", "v1", "b1");
  put("k", "m", "");
  EXPECT_EQ(newest("k"), "");
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_THAT(all_versions(), ElementsAre("k:m*", "k:v1"));
  EXPECT_THAT(remove("k", "m"), IsEmpty());
  EXPECT_EQ(newest("k"), "b1");
  EXPECT_THAT(listed(), ElementsAre("k=b1"));
}

TEST_F(Versions, RemovingTheNewestMakesTheOneBelowTheNewest) {
  make_bucket();
  put("k", "v1", "b1");
  put("k", "v2", "b2");
  EXPECT_THAT(remove("k", "v2"), ElementsAre("b2"));
  EXPECT_THAT(all_versions(), ElementsAre("k:v1*"));
  EXPECT_THAT(remove("k", "gone"), IsEmpty());
  EXPECT_THAT(remove("k", "v1"), ElementsAre("b1"));
  EXPECT_THAT(all_versions(), IsEmpty());
}

TEST_F(Versions, AreCounted) {
  make_bucket();
  EXPECT_EQ(usage(), (UsageFigures{1, 0, 0}));
  put("k", "null", "one");
  put("k", "null", "two");
  put("other", "v1", "three");
  put("other", "v2", "four");
  EXPECT_EQ(usage(), (UsageFigures{1, 3, 9}));
  put("other", "m", "");
  EXPECT_EQ(usage(), (UsageFigures{1, 3, 9}));
  remove("other", "m");
  remove("other", "v1");
  remove("other", "v1");
  EXPECT_EQ(usage(), (UsageFigures{1, 2, 6}));
  // What did not come to be counts nothing.
  EXPECT_FALSE(write([](Tx& tx) -> Result<> {
    FreedBlobs freed;
    TRY_VOID(Objects(tx).remove_version("b", "k", "null", freed));
    return Error(common::Errc::io, "the disk is full");
  }));
  EXPECT_EQ(usage(), (UsageFigures{1, 2, 6}));
  remove("k", "null");
  remove("other", "v2");
  EXPECT_EQ(usage(), (UsageFigures{1, 0, 0}));
  EXPECT_TRUE(write([](Tx& tx) { return Buckets(tx).remove("b"); }));
  EXPECT_EQ(usage().buckets, 0);
}

TEST_F(Versions, AreListedPageByPage) {
  make_bucket();
  for (const auto* key : {"a", "b"})
    for (const auto* version : {"1", "2", "3"}) put(key, version, std::string(key) + version);
  for (const std::size_t count : {1u, 2u, 4u, 100u})
    EXPECT_THAT(all_versions({.count_max = count}),
                ElementsAre("a:3*", "a:2", "a:1", "b:3*", "b:2", "b:1"));
  EXPECT_THAT(all_versions({.after_key = "a"}), ElementsAre("b:3*", "b:2", "b:1"));
  EXPECT_THAT(all_versions({.prefix = "b"}), ElementsAre("b:3*", "b:2", "b:1"));
}

TEST_F(Versions, ABucketOfDeleteMarkersIsNotEmpty) {
  make_bucket();
  put("k", "m", "");
  const auto kept = write([](Tx& tx) { return Buckets(tx).remove("b"); });
  EXPECT_EQ(kept.error().code, S3Errc::bucket_not_empty);
  remove("k", "m");
  ASSERT_TRUE(write([](Tx& tx) { return BucketSettings(tx).put("b", "cors", "<x/>", {}); }));
  EXPECT_TRUE(write([](Tx& tx) { return Buckets(tx).remove("b"); }));
}

TEST_F(Versions, ADatabaseOfTheReleaseBeforeKeepsItsObjects) {
  char folder[] = "/tmp/angophora-versions-XXXXXX";
  const std::string path = std::string(mkdtemp(folder)) + "/walrus.db";
  std::size_t before = 0;
  while (std::string_view(kMigrations[before].title) != "versions of objects") ++before;
  open(std::span(kMigrations).first(before), path);
  ASSERT_TRUE(write([](Tx& tx) -> Result<> {
    TRY_VOID(tx.execute("INSERT INTO buckets VALUES ('b', 'owner', 'owner', '', 5)"));
    TRY_VOID(tx.execute("INSERT INTO blobs (id, size_bytes, refs) VALUES ('blob', 3, 1)"));
    return tx.execute(
        "INSERT INTO objects (bucket, key, etag, size_bytes, changed_ms, acl, headers, content, "
        "parts, checksum, upload) VALUES ('b', x'6b', 'tag', 3, 7, 'owner', "
        "'content-type:text/plain\nx-amz-storage-class:REDUCED_REDUNDANCY\n', 'blob 0 3\n', '', "
        "'', '')");
  }));
  open(kMigrations, path);
  const auto object = write([](Tx& tx) { return Objects(tx).find("b", "k"); }).value();
  EXPECT_EQ(object.etag, "tag");
  EXPECT_EQ(object.version, "null");
  EXPECT_EQ(object.storage_class, "REDUCED_REDUNDANCY");
  EXPECT_EQ(object.headers.size(), 1u);
  EXPECT_EQ(object.content, (std::vector<Segment>{{"blob", 0, 3}}));
  EXPECT_THAT(listed(), ElementsAre("k=tag"));
  EXPECT_EQ(usage(), (UsageFigures{1, 1, 3}));
  EXPECT_THAT(put("k", "null", "new"), ElementsAre("blob"));
  db_.reset();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace angophora::walrus
