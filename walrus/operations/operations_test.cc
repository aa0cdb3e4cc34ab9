#include "walrus/operations/operations.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>

#include "common/runtime/sim_runtime.h"
#include "common/soap/local_channel.h"
#include "walrus/clients/identity_follower.h"
#include "walrus/objects/local_blob_store.h"
#include "walrus/s3/content.h"
#include "walrus/store/buckets.h"
#include "walrus/store/identity_copy.h"
#include "walrus/store/images.h"
#include "walrus/store/migrations.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

using common::Errc;
using common::ServiceName;
using soap::Role;
using testing::ElementsAre;

constexpr const char* kManifest =
    "<manifest><image><name>i</name><parts count=\"2\">"
    "<part index=\"0\"><filename>i.part.0</filename></part>"
    "<part index=\"1\"><filename>i.part.1</filename></part></parts></image></manifest>";

class Operations : public testing::Test {
 protected:
  template <class F>
  auto write(F f) {
    return world_.run(runtime_, db_->write(std::move(f)));
  }
  void SetUp() override {
    char pattern[] = "/tmp/angophora-operations-XXXXXX";
    dir_ = mkdtemp(pattern);
    blobs_ = std::move(LocalBlobStore::open({dir_, 0, 0}, "start").value());
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    db_ = std::move(db::Database::open(runtime_, options, kMigrations).value());
    s3_.reset(new Services{runtime_, *db_, *blobs_, leases_, book_, {}});
    services_.reset(
        new OperationServices{*s3_, {ServiceName("walrus-1"), [this] { return reason_; }, "1.2"}});
    serve_operations(dispatcher_, *services_);
    network_.attach(ServiceName("walrus-1"), dispatcher_);
    IdentityList list;
    list.version = 1;
    list.accounts = {{common::AccountId("1"), "one", "c1"}, {common::AccountId("2"), "two", "c2"}};
    book_.replace(std::move(list), runtime_.now());
    Bucket bucket{"bucket", *canned_acl("private", "c1", ""), "", {}};
    ASSERT_TRUE(write([bucket](Tx& tx) { return Buckets(tx).insert(bucket); }));
  }
  void TearDown() override {
    runtime_.kill();
    std::filesystem::remove_all(dir_);
  }

  void put(const std::string& key, const std::string& bytes, const std::string& acl = "private",
           const std::string& encryption = "") {
    auto draft = blobs_->draft(runtime_.random_hex(24), std::nullopt).value();
    ASSERT_TRUE(draft->write(bytes));
    auto kept = draft->keep().value();
    Object object;
    object.bucket = "bucket";
    object.key = key;
    object.etag = "etag of " + bytes;
    object.size_bytes = bytes.size();
    object.acl = *canned_acl(acl, "c1", "c1");
    object.encryption = encryption;
    object.content = {segment_of(std::move(kept))};
    ASSERT_TRUE(write([object](Tx& tx) -> Result<> {
      FreedBlobs freed;
      TRY_VOID(Blobs(tx).refer(object.content, true));
      return Objects(tx).put(object, freed);
    }));
  }
  void put_bundle(const std::string& acl = "private") {
    put("images/i.manifest.xml", kManifest, acl);
    put("images/i.part.0", "first", acl);
    put("images/i.part.1", "second!", acl);
  }
  template <class Op>
  Result<typename Op::Reply> ask(typename Op::Request request, Role role = Role::cloud) {
    soap::LocalChannel channel(runtime_, network_, ServiceName("clc"), role);
    return world_.run(runtime_,
                      soap::call<Op>(channel, ServiceName("walrus-1"), std::move(request)));
  }
  Result<soap::walrus::AdmitImage::Reply> admit(const std::string& account) {
    soap::walrus::AdmitImage::Request request;
    request.imageId = "emi-1";
    request.accountId = account;
    request.bucket = "bucket";
    request.manifestKey = "images/i.manifest.xml";
    return ask<soap::walrus::AdmitImage>(std::move(request));
  }

  std::string dir_, reason_;
  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "walrus"};
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<db::Database> db_;
  BlobLeases leases_;
  IdentityBook book_{runtime_, [](const std::string& s) { return Result<std::string>(s); },
                     std::chrono::hours(1)};
  std::unique_ptr<Services> s3_;
  std::unique_ptr<OperationServices> services_;
  soap::Dispatcher dispatcher_;
  soap::LocalNetwork network_;
};

TEST_F(Operations, ServesAllOfItsContract) {
  std::vector<std::string> contract, served;
  for (const auto* operation : soap::operations())
    if (operation->contract == "walrus") contract.emplace_back(operation->name);
  for (const auto* operation : dispatcher_.served()) served.emplace_back(operation->name);
  EXPECT_THAT(served, testing::UnorderedElementsAreArray(contract));
}

TEST_F(Operations, AdmitsAnImageWithItsPartsInOrder) {
  put_bundle();
  const auto reply = admit("1");
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply.value().manifest, kManifest);
  ASSERT_EQ(reply.value().parts.size(), 2u);
  EXPECT_EQ(reply.value().parts[1].key, "images/i.part.1");
  EXPECT_EQ(reply.value().parts[1].sizeBytes, 7);
}

TEST_F(Operations, AdmitsForOthersOnlyWhatTheCloudMayRead) {
  put_bundle();
  EXPECT_EQ(admit("2").error().code, Errc::permission_denied);
  put_bundle("aws-exec-read");
  EXPECT_TRUE(admit("2"));
}

TEST_F(Operations, SaysWhichObjectIsMissing) {
  EXPECT_THAT(admit("1").error().message, testing::HasSubstr("bucket/images/i.manifest.xml"));
  put("images/i.manifest.xml", kManifest);
  const auto reply = admit("1");
  EXPECT_EQ(reply.error().code, Errc::not_found);
  EXPECT_THAT(reply.error().message, testing::HasSubstr("bucket/images/i.part.0"));
}

TEST_F(Operations, RefusesManifestsThatDoNotRead) {
  for (const auto* text : {"no xml", "<manifest/>", "<manifest><image><parts/></image></manifest>",
                           "<manifest><image><parts><part><filename>../x</filename></part></parts>"
                           "</image></manifest>"}) {
    put("images/i.manifest.xml", text);
    EXPECT_EQ(admit("1").error().code, Errc::invalid_argument) << text;
  }
}

TEST_F(Operations, ForgetsAnImageOnceAndAgain) {
  put_bundle();
  ASSERT_TRUE(admit("1"));
  soap::walrus::ForgetImage::Request request;
  request.imageId = "emi-1";
  EXPECT_TRUE(ask<soap::walrus::ForgetImage>(request));
  EXPECT_TRUE(ask<soap::walrus::ForgetImage>(request));
  EXPECT_FALSE(write([](Tx& tx) { return Images(tx).part(common::ImageId("emi-1"), 0); }));
}

TEST_F(Operations, OnlyTheCloudControllerMayCall) {
  EXPECT_FALSE(ask<soap::walrus::ForgetImage>({}, Role::node));
}

TEST_F(Operations, TellsWhyItIsNotReady) {
  auto state = [&] { return ask<soap::walrus::DescribeServices>({}).value().services.at(0).state; };
  EXPECT_EQ(state(), "ENABLED");
  reason_ = "no identities";
  EXPECT_EQ(state(), "NOTREADY");
}

TEST_F(Operations, PartsAreForNodesAlone) {
  put_bundle();
  ASSERT_TRUE(admit("1"));
  http::Request request;
  request.method = "GET";
  request.target = "/images/emi-1/parts/0";
  ASSERT_TRUE(is_image_part_path(request.path()));
  EXPECT_FALSE(is_image_part_path("/images/emi-1/parts/x"));
  const soap::Peers nobody;
  EXPECT_EQ(world_.run(runtime_, serve_image_part(*s3_, nobody, request)).status, 403);
}

TEST_F(Operations, APartThatIsNoLongerTheAdmittedOneSaysWhatBecameOfIt) {
  put_bundle();
  ASSERT_TRUE(admit("1"));
  const auto key = crypto::PrivateKey::generate(1024).value();
  crypto::CertificateSubject subject;
  subject.common_name = "nc-1";
  subject.not_after = runtime_.now() + std::chrono::hours(1);
  subject.serial = "1";
  const auto certificate = crypto::Certificate::self_signed(key, subject).value();
  const soap::Peers nodes({{ServiceName("nc-1"), Role::node, {}, "", 0, certificate}});
  http::Request request;
  request.method = "GET";
  request.target = "/images/emi-1/parts/0";
  request.peer.tls = true;
  request.peer.certificate_der = certificate.der();
  const auto get = [&] { return world_.run(runtime_, serve_image_part(*s3_, nodes, request)); };
  const auto said = [&] { return std::get<std::string>(get().body); };
  EXPECT_EQ(get().status, 200);
  put("images/i.part.0", "first", "private", "store key md5 sealed");
  EXPECT_EQ(get().status, 410);
  EXPECT_THAT(said(), testing::HasSubstr("was encrypted by the store since"));
  put("images/i.part.0", "other");
  EXPECT_THAT(said(), testing::HasSubstr("was overwritten since"));
}

// A cloud controller in each of whose versions there is one account more, told in parts of two, and
// a key that ends with `revoked_in`.
struct FakeBook {
  int version = 0;
  int revoked_in = 1000;
  int asked = 0;
};
using DescribeIdentities = soap::cloud::DescribeIdentities;
Task<DescribeIdentities::Reply> describe(common::Runtime& runtime, FakeBook& book,
                                         DescribeIdentities::Request ask) {
  ++book.asked;
  const auto until = runtime.steady_now() + std::chrono::milliseconds(ask.waitMs);
  while (ask.knownVersion == book.version && runtime.steady_now() < until)
    co_await runtime.sleep_for(std::chrono::milliseconds(10));
  DescribeIdentities::Reply reply;
  const bool continues = ask.changesOnly.value_or(false) && ask.knownVersion <= book.version;
  const auto from = continues ? ask.knownVersion : 0;
  if (continues) reply.changesFrom = from;
  reply.version = std::min<std::int64_t>(book.version, from + 2);
  reply.more = reply.version < book.version;
  for (auto n = from + 1; n <= reply.version; ++n) {
    auto& account = reply.accounts.emplace_back();
    account.accountId = std::to_string(n);
    account.canonicalId = "c" + std::to_string(n);
    if (n == 1) {
      auto& user = reply.users.emplace_back();
      user.userId = "U1";
      user.accountId = "1";
      auto& key = reply.accessKeys.emplace_back();
      key.accessKeyId = "AK";
      key.userId = "U1";
      key.sealedSecret = "secret";
      key.active = true;
    }
    if (n == book.revoked_in) {
      auto& removed = reply.removed.emplace_back();
      removed.kind = "access_key";
      removed.id = "AK";
    }
  }
  co_return reply;
}

class Following : public Operations {
 protected:
  void SetUp() override {
    Operations::SetUp();
    cloud_.serve<DescribeIdentities>({Role::walrus}, [this](soap::Caller, auto request) {
      return describe(clc_, told_, std::move(request));
    });
    network_.attach(ServiceName("cloud"), cloud_);
    book_.restore({}, {}, false);
    runtime_.spawn("follow",
                   follow_identities(runtime_, channel_, ServiceName("cloud"), book_, *db_));
  }
  bool comes_to(std::int64_t version, std::chrono::seconds limit) {
    return world_.run_until([&] { return book_.version() == version && book_.is_complete(); },
                            limit);
  }
  bool key_works() { return book_.identities()->find_key("AK").has_value(); }
  StoredIdentities stored() {
    return write([](Tx& tx) { return IdentityCopy(tx).load(); })
        .value()
        .value_or(StoredIdentities{});
  }

  FakeBook told_;
  common::SimRuntime clc_{world_, "clc"};
  soap::Dispatcher cloud_;
  soap::LocalChannel channel_{runtime_, network_, ServiceName("walrus-1"), Role::walrus};
};

TEST_F(Following, IdentitiesComeInPartsAndCountOnceTheyAreWhole) {
  told_.version = 5;
  bool was_used_too_early = false;
  EXPECT_TRUE(world_.run_until(
      [&] {
        was_used_too_early |= book_.usable() && book_.version() < 5;
        return book_.version() == 5;
      },
      std::chrono::seconds(5)));
  EXPECT_FALSE(was_used_too_early);
  EXPECT_TRUE(book_.usable());
  EXPECT_GE(told_.asked, 3);
  EXPECT_TRUE(world_.run_until([&] { return stored().list.accounts.size() == 5; },
                               std::chrono::seconds(1)));
}

TEST_F(Following, ARevokedKeyIsDeadWithinTwoSeconds) {
  told_.version = 5;
  ASSERT_TRUE(comes_to(5, std::chrono::seconds(5)));
  EXPECT_TRUE(key_works());
  world_.run_for(std::chrono::minutes(1));
  told_.revoked_in = told_.version = 6;
  EXPECT_TRUE(world_.run_until([&] { return !key_works(); }, std::chrono::seconds(2)));
  EXPECT_TRUE(
      world_.run_until([&] { return stored().list.keys.empty(); }, std::chrono::seconds(1)));
}

TEST_F(Following, ARevokedKeyIsDeadSoonAfterTheCloudControllerIsBack) {
  told_.version = 5;
  ASSERT_TRUE(comes_to(5, std::chrono::seconds(5)));
  network_.detach(ServiceName("cloud"));
  world_.run_for(std::chrono::minutes(20));
  EXPECT_TRUE(key_works());
  told_.revoked_in = told_.version = 6;
  network_.attach(ServiceName("cloud"), cloud_);
  EXPECT_TRUE(world_.run_until([&] { return !key_works(); }, std::chrono::seconds(2)));
}

TEST_F(Following, IdentitiesAreUsedNoLongerThanTheyMayBe) {
  told_.version = 5;
  ASSERT_TRUE(comes_to(5, std::chrono::seconds(5)));
  network_.detach(ServiceName("cloud"));
  world_.run_for(std::chrono::minutes(30));
  EXPECT_TRUE(book_.usable()) << "the copy is still young enough";
  world_.run_for(std::chrono::minutes(40));
  EXPECT_FALSE(book_.usable());
}

TEST_F(Following, AnotherPastReplacesWhatWasKnown) {
  told_.version = 9;
  ASSERT_TRUE(comes_to(9, std::chrono::seconds(5)));
  told_.version = 3;
  ASSERT_TRUE(comes_to(3, std::chrono::seconds(30)));
  EXPECT_EQ(book_.identities()->accounts(), 3u);
  EXPECT_TRUE(world_.run_until([&] { return stored().list.accounts.size() == 3; },
                               std::chrono::seconds(1)));
}

TEST_F(Following, WhatCouldNotBeKeptCountsAndIsKeptLater) {
  told_.version = 4;
  ASSERT_TRUE(comes_to(4, std::chrono::seconds(5)));
  ASSERT_TRUE(
      write([](Tx& tx) { return tx.execute("ALTER TABLE identity_keys RENAME TO out_of_reach"); }));
  told_.revoked_in = told_.version = 5;
  EXPECT_TRUE(world_.run_until([&] { return !key_works(); }, std::chrono::seconds(2)));
  told_.version = 6;
  world_.run_for(std::chrono::seconds(5));
  ASSERT_TRUE(
      write([](Tx& tx) { return tx.execute("ALTER TABLE out_of_reach RENAME TO identity_keys"); }));
  EXPECT_TRUE(
      world_.run_until([&] { return stored().list.version == 6; }, std::chrono::seconds(5)));
  EXPECT_TRUE(stored().list.keys.empty()) << "the copy lacks no change";
}

}  // namespace
}  // namespace angophora::walrus
