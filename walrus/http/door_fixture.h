// The front door with all that is behind it, in memory and a folder of its own.
#pragma once

#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/runtime/sim_runtime.h"
#include "common/sigv/sign.h"
#include "common/xml/reader.h"
#include "walrus/http/front_door.h"
#include "walrus/objects/local_blob_store.h"
#include "walrus/s3/commit.h"
#include "walrus/store/migrations.h"

namespace angophora::walrus {

// A body that arrives in pieces, and may break off.
class FakeBody final : public http::BodyReader {
 public:
  FakeBody(std::string bytes, std::optional<std::size_t> breaks_at)
      : bytes_(std::move(bytes)), breaks_at_(breaks_at) {}
  std::optional<std::uint64_t> length() const override { return bytes_.size(); }
  Task<std::size_t> read(std::span<char> into) override {
    if (breaks_at_ && at_ >= *breaks_at_)
      co_return Error(common::Errc::unavailable, "the connection broke");
    const auto count = std::min({into.size(), bytes_.size() - at_, std::size_t{1000}});
    bytes_.copy(into.data(), count, at_);
    at_ += count;
    co_return count;
  }

 private:
  std::string bytes_;
  std::optional<std::size_t> breaks_at_;
  std::size_t at_ = 0;
};

struct Sent {
  std::string method, target, body;
  sigv::HeaderList headers = {};
  std::string key = "AK1";  // access key; "" for an unsigned request
  std::string secret = "secret";
  std::optional<std::size_t> breaks_at = std::nullopt;
  std::string token = "";  // of temporary credentials
};
struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string code() const {
    const auto root = xml::read(body);
    return root ? root.value().text_of("Code") : "";
  }
};

class FrontDoorTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/angophora-door-XXXXXX";
    dir_ = mkdtemp(pattern);
    blobs_ = std::move(LocalBlobStore::open({dir_, 0, 0}, "start").value());
    db::Options options;
    options.path = ":memory:";
    options.inline_io = true;
    db_ = std::move(db::Database::open(runtime_, options, kMigrations).value());
    services_.reset(new Services{runtime_, *db_, *blobs_, leases_, book_, {"s3.test", "r", 5}});
    leases_.on_released([this](auto blobs) { discard_blobs(*services_, std::move(blobs)); });
    door_ = std::make_unique<FrontDoor>(*services_, nullptr);
    IdentityList list;
    list.version = 1;
    for (const std::string n : {"1", "2"}) {
      list.accounts.push_back({common::AccountId(n), "account" + n, "canonical" + n});
      list.users.push_back({common::UserId("U" + n), common::AccountId(n), "user", "arn", true});
      list.keys.push_back({"AK" + n, common::UserId("U" + n), "secret", true});
    }
    list.users.push_back(
        {common::UserId("ALICE"), common::AccountId("1"), "alice", "arn:aws:iam::1:user/alice"});
    list.keys.push_back({"AKALICE", common::UserId("ALICE"), "secret", true});
    book_.replace(list, runtime_.now());
    identities_ = std::move(list);
  }
  void TearDown() override {
    runtime_.kill();
    std::filesystem::remove_all(dir_);
  }

  Answer send(Sent sent) {
    http::Request request;
    request.method = sent.method;
    request.target = sent.target;
    sigv::SignedRequest to_sign{sent.method, sent.target, {{"Host", host_}}, {}, {}, {}};
    for (auto& header : sent.headers) to_sign.headers.push_back(header);
    to_sign.body_sha256 = crypto::sha256_hex(sent.body);
    if (!sent.key.empty())
      sigv::sign_v4(to_sign, {sent.key, sent.secret, sent.token}, {"r", "s3", sigv::Rules::s3},
                    runtime_.now());
    for (const auto& [name, value] : to_sign.headers) request.headers.add(name, value);
    request.headers.add("Content-Length", std::to_string(sent.body.size()));
    FakeBody body(sent.body, sent.breaks_at);
    request.body = &body;
    auto response = world_.run(runtime_, door_->handle(request));
    world_.run_for(std::chrono::milliseconds(1));
    return {response.status, response.headers, text_of(response)};
  }
  // What alice may from now on.
  void let_alice(const std::string& statements) {
    identities_.users.back().policies.own = {{"Own", "{\"Statement\":[" + statements + "]}"}};
    book_.replace(identities_, runtime_.now());
  }
  Answer as_alice(Sent sent) {
    sent.key = "AKALICE";
    return send(std::move(sent));
  }
  std::string text_of(const http::Response& response) {
    if (const auto* text = std::get_if<std::string>(&response.body)) return *text;
    if (const auto* range = std::get_if<http::FileRange>(&response.body)) {
      std::string bytes(range->length, '\0');
      EXPECT_EQ(::pread(*range->fd, bytes.data(), bytes.size(), static_cast<off_t>(range->offset)),
                static_cast<ssize_t>(bytes.size()));
      return bytes;
    }
    std::string bytes;
    for (;;) {
      const auto piece = world_.run(runtime_, std::get<http::BodySource>(response.body)());
      if (!piece || piece.value().empty()) return bytes;
      bytes += piece.value();
    }
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_))
      count += entry.is_regular_file();
    return count;
  }
  void make_bucket() { ASSERT_EQ(send({"PUT", "/bucket", ""}).status, 200); }

  IdentityList identities_;
  std::string dir_, host_ = "127.0.0.1:8776";
  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "walrus"};
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<db::Database> db_;
  BlobLeases leases_;
  IdentityBook book_{runtime_, [](const std::string& s) { return Result<std::string>(s); },
                     std::chrono::hours(1)};
  std::unique_ptr<Services> services_;
  std::unique_ptr<FrontDoor> door_;
};

}  // namespace angophora::walrus
