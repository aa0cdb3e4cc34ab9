#include <gmock/gmock.h>

#include <filesystem>

#include "common/runtime/real_runtime.h"
#include "walrus/domain/s3_errors.h"
#include "walrus/store/buckets.h"
#include "walrus/store/identity_copy.h"
#include "walrus/store/images.h"
#include "walrus/store/migrations.h"
#include "walrus/store/objects.h"
#include "walrus/store/uploads.h"

namespace angophora::walrus {
namespace {

using common::AccountId;
using common::RealRuntime;
using common::UserId;
using testing::ElementsAre;
using testing::IsEmpty;

// Repositories over a database in memory; every call commits at once.
class Store : public testing::Test {
 protected:
  Store() : runtime_({.handle_signals = false}) {
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    db_ = std::move(db::Database::open(runtime_, options, kMigrations).value());
  }

  // The result of `f(Tx&)`, run to the end.
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

  Bucket bucket(const std::string& name, const std::string& owner = "owner") {
    return {name, *canned_acl("private", owner, ""), "", common::SysTime{}};
  }
  Object object(const std::string& key, const std::string& blob) {
    Object o;
    o.bucket = "bucket";
    o.key = key;
    o.etag = "etag-" + blob;
    o.size_bytes = 3;
    o.acl = *canned_acl("private", "owner", "");
    o.content = {{blob, 0, 3}};
    return o;
  }
  // Stores `o` with a new blob; the blobs that this freed.
  FreedBlobs put(const Object& o) {
    return write([o](Tx& tx) -> Result<FreedBlobs> {
             FreedBlobs freed;
             TRY_VOID(Blobs(tx).refer(o.content, true));
             TRY_VOID(Objects(tx).put(o, freed));
             return freed;
           })
        .value();
  }
  void make_bucket() {
    ASSERT_TRUE(write([b = bucket("bucket")](Tx& tx) { return Buckets(tx).insert(b); }));
  }

  RealRuntime runtime_;
  std::unique_ptr<db::Database> db_;
};

TEST_F(Store, KnowsWhoOwnsABucketThatIsMadeAgain) {
  make_bucket();
  const auto mine = write([b = bucket("bucket")](Tx& tx) { return Buckets(tx).insert(b); });
  EXPECT_EQ(mine.error().code, S3Errc::bucket_already_owned_by_you);
  const auto other = write([b = bucket("bucket", "x")](Tx& tx) { return Buckets(tx).insert(b); });
  EXPECT_EQ(other.error().code, S3Errc::bucket_already_exists);
}

TEST_F(Store, RefusesToRemoveABucketThatHoldsObjects) {
  make_bucket();
  put(object("k", "b1"));
  const auto removed = write([](Tx& tx) { return Buckets(tx).remove("bucket"); });
  EXPECT_EQ(removed.error().code, S3Errc::bucket_not_empty);
}

TEST_F(Store, AnOverwrittenObjectFreesItsBlob) {
  make_bucket();
  EXPECT_THAT(put(object("k", "b1")), IsEmpty());
  EXPECT_THAT(put(object("k", "b2")), ElementsAre("b1"));
  const auto found = write([](Tx& tx) { return Objects(tx).find("bucket", "k"); });
  EXPECT_EQ(found.value().etag, "etag-b2");
}

TEST_F(Store, ACopyKeepsTheBlobAliveUntilBothAreGone) {
  make_bucket();
  put(object("k", "b1"));
  auto copy = object("copy", "b1");
  ASSERT_TRUE(write([copy](Tx& tx) -> Result<> {
    FreedBlobs freed;
    TRY_VOID(Blobs(tx).refer(copy.content, false));
    return Objects(tx).put(copy, freed);
  }));
  const auto remove = [&](std::string key) {
    return write([key](Tx& tx) -> Result<FreedBlobs> {
             FreedBlobs freed;
             TRY_VOID(Objects(tx).remove("bucket", key, freed));
             return freed;
           })
        .value();
  };
  EXPECT_THAT(remove("k"), IsEmpty());
  EXPECT_THAT(remove("copy"), ElementsAre("b1"));
}

TEST_F(Store, ACopyOfABlobThatHasGoneIsRefused) {
  const auto result = write([](Tx& tx) { return Blobs(tx).refer({{"gone", 0, 1}}, false); });
  EXPECT_EQ(result.error().code, S3Errc::operation_aborted);
}

TEST_F(Store, AnObjectWithoutABucketIsRefusedAndLeavesNothing) {
  const auto o = object("k", "b1");
  const auto result = write([o](Tx& tx) -> Result<> {
    FreedBlobs freed;
    TRY_VOID(Blobs(tx).refer(o.content, true));
    return Objects(tx).put(o, freed);
  });
  EXPECT_EQ(result.error().code, S3Errc::no_such_bucket);
  EXPECT_EQ(write([](Tx& tx) { return Blobs(tx).used_bytes(); }).value(), 0u);
}

TEST_F(Store, ListsKeysByTheirBytes) {
  make_bucket();
  int n = 0;
  for (const auto* key : {"b", "a", "B", "\xc3\xa9", "a/1"})
    put(object(key, "blob" + std::to_string(n++)));
  const auto page = write([](Tx& tx) { return Objects(tx).list("bucket", {}); }).value();
  std::vector<std::string> keys;
  for (const auto& o : page.rows) keys.push_back(o.key);
  EXPECT_THAT(keys, ElementsAre("B", "a", "a/1", "b", "\xc3\xa9"));
}

TEST_F(Store, UploadsHoldTheirPartsUntilTheyAreRemoved) {
  make_bucket();
  Upload upload;
  upload.id = "u1";
  upload.bucket = "bucket";
  upload.key = "k";
  upload.acl = *canned_acl("private", "owner", "");
  const auto put_part = [&](int number, std::string blob) {
    return write([=](Tx& tx) -> Result<FreedBlobs> {
             FreedBlobs freed;
             Part part{number, "e-" + blob, 5, {}, {{blob, 0, 5}}, {}};
             TRY_VOID(Blobs(tx).refer(part.content, true));
             TRY_VOID(Uploads(tx).put_part(upload, part, freed));
             return freed;
           })
        .value();
  };
  ASSERT_TRUE(write([=](Tx& tx) { return Uploads(tx).insert(upload); }));
  EXPECT_THAT(put_part(2, "b2"), IsEmpty());
  EXPECT_THAT(put_part(1, "b1"), IsEmpty());
  EXPECT_THAT(put_part(2, "b3"), ElementsAre("b2"));
  const auto parts = write([=](Tx& tx) { return Uploads(tx).parts(upload, 0, 10); }).value();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[1].etag, "e-b3");
  const auto freed = write([=](Tx& tx) -> Result<FreedBlobs> {
                       FreedBlobs blobs;
                       TRY_VOID(Uploads(tx).remove(upload, blobs));
                       return blobs;
                     }).value();
  EXPECT_THAT(freed, ElementsAre("b1", "b3"));
  EXPECT_EQ(write([=](Tx& tx) { return Uploads(tx).find("bucket", "k", "u1"); }).error().code,
            S3Errc::no_such_upload);
}

TEST_F(Store, ListsUploadsOfOneKeyById) {
  make_bucket();
  for (const auto* id : {"u2", "u1", "u3"}) {
    Upload upload;
    upload.id = id;
    upload.bucket = "bucket";
    upload.key = "k";
    upload.acl = *canned_acl("private", "owner", "");
    ASSERT_TRUE(write([=](Tx& tx) { return Uploads(tx).insert(upload); }));
  }
  const auto list = [&](ListQuery query) {
    return write([=](Tx& tx) { return Uploads(tx).list("bucket", query); }).value();
  };
  EXPECT_EQ(list({}).rows.size(), 3u);
  const auto rest = list({.after_key = "k", .after_sub = "u1"});
  ASSERT_EQ(rest.rows.size(), 2u);
  EXPECT_EQ(rest.rows[0].id, "u2");
  EXPECT_EQ(list({.after_key = "k"}).rows.size(), 0u);
}

TEST_F(Store, RemembersAnImagesParts) {
  const common::ImageId id("emi-1");
  const AdmittedImage image{id, common::AccountId("1"), "bucket", {}, {{0, "p0", "e0", 7}}};
  ASSERT_TRUE(write([=](Tx& tx) { return Images(tx).put(image); }));
  ASSERT_TRUE(write([=](Tx& tx) { return Images(tx).put(image); }));
  const auto part = write([=](Tx& tx) { return Images(tx).part(id, 0); }).value();
  EXPECT_EQ(part.first, "bucket");
  EXPECT_EQ(part.second.etag, "e0");
  EXPECT_EQ(write([=](Tx& tx) { return Images(tx).part(id, 1); }).error().code,
            common::Errc::not_found);
  ASSERT_TRUE(write([=](Tx& tx) { return Images(tx).remove(id); }));
  EXPECT_FALSE(write([=](Tx& tx) { return Images(tx).part(id, 0); }));
}

class IdentityCopyTest : public Store {
 protected:
  Result<> apply(const IdentityChanges& changes, bool is_complete = true) {
    return write([=](Tx& tx) { return IdentityCopy(tx).apply(changes, {}, is_complete); });
  }
  StoredIdentities load() {
    const auto loaded = write([](Tx& tx) { return IdentityCopy(tx).load(); }).value();
    EXPECT_TRUE(loaded);
    return loaded.value_or(StoredIdentities{});
  }
  // Two accounts, and a user with a key.
  static IdentityChanges first() {
    IdentityChanges changes;
    changes.present = {3,
                       {{AccountId("1"), "one", "c1"}, {AccountId("2"), "two", "c2"}},
                       {{UserId("U1"), AccountId("1"), "admin", "arn", true}},
                       {{"AK1", UserId("U1"), std::string("\0x", 2), true}}};
    return changes;
  }
};

TEST_F(IdentityCopyTest, IsEmptyAtFirst) {
  EXPECT_FALSE(write([](Tx& tx) { return IdentityCopy(tx).load(); }).value());
}

TEST_F(IdentityCopyTest, GivesBackWhatItGot) {
  ASSERT_TRUE(apply(first(), false));
  EXPECT_FALSE(load().is_complete);
  ASSERT_TRUE(apply(first()));
  const auto later = common::SysTime(std::chrono::milliseconds(5));
  ASSERT_TRUE(write([=](Tx& tx) { return IdentityCopy(tx).set_checked(later); }));
  const auto loaded = load();
  EXPECT_EQ(loaded.checked, later);
  EXPECT_TRUE(loaded.is_complete);
  EXPECT_EQ(loaded.list.version, 3);
  ASSERT_EQ(loaded.list.accounts.size(), 2u);
  EXPECT_EQ(loaded.list.accounts[1].canonical_id, "c2");
  EXPECT_TRUE(loaded.list.users.at(0).is_root);
  EXPECT_EQ(loaded.list.keys.at(0).sealed_secret, std::string("\0x", 2));
}

TEST_F(IdentityCopyTest, TakesChangesAndRemovals) {
  ASSERT_TRUE(apply(first()));
  IdentityChanges changes;
  changes.present = {
      7, {{AccountId("2"), "second", "c2"}}, {}, {{"AK1", UserId("U1"), "s", false}}};
  changes.removed_accounts = {AccountId("1")};
  changes.removed_users = {UserId("U1")};
  ASSERT_TRUE(apply(changes));
  const auto loaded = load().list;
  EXPECT_EQ(loaded.version, 7);
  ASSERT_EQ(loaded.accounts.size(), 1u);
  EXPECT_EQ(loaded.accounts[0].name, "second");
  EXPECT_TRUE(loaded.users.empty());
  EXPECT_FALSE(loaded.keys.at(0).active);
  changes.present.keys.clear();
  changes.removed_keys = {"AK1"};
  ASSERT_TRUE(apply(changes));
  EXPECT_TRUE(load().list.keys.empty());
}

TEST_F(IdentityCopyTest, KeepsWhatUsersMayDo) {
  auto changes = first();
  changes.present.accounts[0].policies.own = {{"Ceiling", "{a}"}};
  changes.present.users[0].groups = {"G1"};
  changes.present.users[0].policies = {{{"Own", "{u}"}}, {"P1"}};
  changes.present.groups = {{"G1", "staff", {{{"Inline", "{g}"}}, {"P1"}}}};
  changes.present.policies = {{"P1", {"Managed", "{m}"}}};
  changes.present.roles = {{"R1", AccountId("1"), "arn:role", {{}, {"P1"}}}};
  changes.present.token_keys = {{"key00001", std::string("\0k", 2)}};
  changes.present.users[0].is_enabled = false;
  ASSERT_TRUE(apply(changes));
  auto loaded = load().list;
  EXPECT_EQ(loaded.accounts[0].policies.own.at(0).document, "{a}");
  EXPECT_EQ(loaded.users[0].groups, std::vector<std::string>{"G1"});
  EXPECT_EQ(loaded.users[0].policies.own.at(0).name, "Own");
  EXPECT_EQ(loaded.users[0].policies.attached, std::vector<std::string>{"P1"});
  EXPECT_EQ(loaded.groups.at(0).policies.own.at(0).document, "{g}");
  EXPECT_EQ(loaded.policies.at(0).text.document, "{m}");
  EXPECT_EQ(loaded.roles.at(0).arn, "arn:role");
  EXPECT_EQ(loaded.roles.at(0).policies.attached, std::vector<std::string>{"P1"});
  EXPECT_EQ(loaded.token_keys.at(0).sealed, std::string("\0k", 2));
  EXPECT_FALSE(loaded.users[0].is_enabled);

  IdentityChanges later;
  later.present.version = 4;
  later.present.users = changes.present.users;
  later.present.users[0].groups.clear();
  later.present.users[0].policies = {};
  later.removed_groups = {"G1"};
  later.removed_roles = {"R1"};
  later.removed_policies = {"P1"};
  ASSERT_TRUE(apply(later));
  loaded = load().list;
  EXPECT_TRUE(loaded.users[0].groups.empty());
  EXPECT_TRUE(loaded.users[0].policies.own.empty() && loaded.users[0].policies.attached.empty());
  EXPECT_TRUE(loaded.groups.empty() && loaded.policies.empty() && loaded.roles.empty());
  EXPECT_EQ(loaded.token_keys.size(), 1u) << "those that were told stay";
}

TEST_F(IdentityCopyTest, AWholeListReplacesAllThatWasThere) {
  ASSERT_TRUE(apply(first()));
  IdentityChanges changes;
  changes.whole = true;
  changes.present = {1, {{AccountId("9"), "nine", "c9"}}, {}, {}};
  ASSERT_TRUE(apply(changes));
  const auto loaded = load().list;
  EXPECT_EQ(loaded.version, 1);
  EXPECT_EQ(loaded.accounts.size(), 1u);
  EXPECT_TRUE(loaded.users.empty());
  EXPECT_TRUE(loaded.keys.empty());
}

}  // namespace
}  // namespace angophora::walrus
