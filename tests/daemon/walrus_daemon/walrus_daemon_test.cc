// The real object store between S3 clients, nodes and a cloud controller that live in the test.
#include "common/chunks/chunk_map.h"
#include "common/crypto/digest.h"
#include "common/http/client.h"
#include "common/sigv/sign.h"
#include "tests/daemon/neighbours/daemon_fixture.h"

namespace angophora::testing {
namespace {

using namespace std::chrono_literals;
using common::awaitable;
using common::Errc;

constexpr const char* kManifest =
    "<manifest><image><parts count=\"1\"><part index=\"0\"><filename>i.part.0</filename></part>"
    "</parts></image></manifest>";

struct Answer {
  int status = 0;
  std::string body;
};

class WalrusDaemon : public DaemonFixture {
 protected:
  WalrusDaemon() : DaemonFixture(DAEMON_PROGRAM, "walrus-1", soap::Role::walrus) {
    more_arguments_ = {"--internal-address", "127.0.0.1", "--internal-port", "0"};
    cloud_.add("node-1", soap::Role::node, "zone-a", node_);
    cloud_.add("cc-1", soap::Role::cluster, "zone-a", cluster_);
    cloud_.add("sc-1", soap::Role::storage, "zone-a", storage_);
    cloud_.dispatcher().serve<soap::cloud::DescribeIdentities>(
        {soap::Role::walrus},
        [this](soap::Caller, auto request) { return describe(*this, std::move(request)); });
  }

  static Task<soap::cloud::DescribeIdentities::Reply> describe(
      WalrusDaemon& t, soap::cloud::DescribeIdentities::Request request) {
    if (request.knownVersion == 1) {
      const std::chrono::milliseconds wait(request.waitMs);
      co_await t.runtime_.sleep_for(wait);
    }
    const auto& der = t.cloud_.row_of("walrus-1").encryptionCertificate;
    CO_TRY(const auto certificate, crypto::Certificate::from_der(der));
    soap::cloud::DescribeIdentities::Reply reply;
    reply.version = 1;
    auto& account = reply.accounts.emplace_back();
    account.accountId = "000000000001";
    account.name = "main";
    account.canonicalId = "c1";
    auto& user = reply.users.emplace_back();
    user.userId = "U1";
    user.accountId = account.accountId;
    user.root = true;
    auto& key = reply.accessKeys.emplace_back();
    key.accessKeyId = "AK";
    key.userId = "U1";
    key.active = true;
    CO_TRY(key.sealedSecret, certificate.public_key().encrypt_oaep("secret"));
    co_return reply;
  }

  awaitable<bool> start_store() {
    if (!co_await start_daemon()) co_return false;
    const std::string event = "s3.serving", key = "port";
    const auto port = co_await daemon_->logged(runtime_, event, key, 5s);
    if (port) s3_port_ = *port;
    co_return port.has_value();
  }

  awaitable<Answer> send(http::ClientRequest request, http::ClientOptions options) {
    http::Client client(runtime_, std::move(options));
    auto response = co_await client.send(std::move(request));
    if (!response) co_return Answer{0, response.error().message};
    auto body = co_await response.value().body->read_all(1 << 20);
    co_return Answer{response.value().status, body ? body.value() : body.error().message};
  }

  awaitable<Answer> s3(std::string method, std::string target, std::string body) {
    const auto host = "127.0.0.1:" + s3_port_;
    sigv::SignedRequest to_sign{method, target, {{"Host", host}}, {}, {}, {}};
    to_sign.body_sha256 = crypto::sha256_hex(body);
    sigv::sign_v4(to_sign, {"AK", "secret", ""}, {"r", "s3", sigv::Rules::s3}, runtime_.now());
    http::ClientRequest request;
    request.method = std::move(method);
    request.url = http::parse_url("http://" + host + target).value();
    for (const auto& [name, value] : to_sign.headers) request.headers.set(name, value);
    request.body = std::move(body);
    http::ClientOptions options;
    co_return co_await send(std::move(request), std::move(options));
  }

  // The first answer that is not 503, within 15 s: identities come a moment after the start.
  awaitable<Answer> s3_when_ready(std::string method, std::string target) {
    const auto until = runtime_.steady_now() + 15s;
    for (;;) {
      auto answer = co_await s3(method, target, "");
      if (answer.status != 503 || runtime_.steady_now() > until) co_return answer;
      co_await runtime_.sleep_for(50ms);
    }
  }

  awaitable<Answer> part(const InProcess& as, const std::string& name) {
    http::ClientRequest request;
    const auto port = std::to_string(cloud_.row_of("walrus-1").port);
    request.url = http::parse_url("https://127.0.0.1:" + port + "/images/emi-1/parts/0").value();
    http::ClientOptions options;
    options.tls = soap::tls_identity_of(as.identity().self(ServiceName(name)));
    co_return co_await send(std::move(request), std::move(options));
  }

  // On the routes for storage controllers.
  awaitable<Answer> snapshots(std::string method, std::string target, std::string body = {},
                              bool as_storage = true) {
    http::ClientRequest request;
    const auto port = std::to_string(cloud_.row_of("walrus-1").port);
    request.method = std::move(method);
    request.url = http::parse_url("https://127.0.0.1:" + port + target).value();
    request.body = std::move(body);
    http::ClientOptions options;
    const auto& as = as_storage ? storage_ : node_;
    options.tls =
        soap::tls_identity_of(as.identity().self(ServiceName(as_storage ? "sc-1" : "node-1")));
    co_return co_await send(std::move(request), std::move(options));
  }

  Task<soap::walrus::AdmitImage::Reply> admit() {
    soap::walrus::AdmitImage::Request request;
    request.imageId = "emi-1";
    request.accountId = "000000000001";
    request.bucket = "bucket";
    request.manifestKey = "i.manifest.xml";
    co_return co_await ask<soap::walrus::AdmitImage>(std::move(request));
  }

  static awaitable<void> outlives(WalrusDaemon& t) {
    if (!co_await t.start_store()) co_return;
    const auto made = co_await t.s3_when_ready("PUT", "/bucket");
    EXPECT_EQ(made.status, 200) << made.body << t.daemon_->log();
    const auto put = co_await t.s3("PUT", "/bucket/key", "bytes");
    EXPECT_EQ(put.status, 200) << put.body;
    t.cloud_.set_deaf(true);
    t.daemon_->kill(SIGKILL);
    co_await t.daemon_->ended(t.runtime_, 5s);
    if (!co_await t.start_store()) co_return;
    const auto got = co_await t.s3("GET", "/bucket/key", "");
    EXPECT_EQ(got.status, 200) << t.daemon_->log();
    EXPECT_EQ(got.body, "bytes");
    t.daemon_->kill(SIGTERM);
    const auto code = co_await t.daemon_->ended(t.runtime_, 12s);
    EXPECT_EQ(code, 0) << t.daemon_->log();
  }

  static awaitable<void> serves_parts(WalrusDaemon& t) {
    if (!co_await t.start_store()) co_return;
    (void)co_await t.s3_when_ready("PUT", "/bucket");
    (void)co_await t.s3("PUT", "/bucket/i.manifest.xml", kManifest);
    const auto early = co_await t.admit();
    EXPECT_TRUE(!early && early.error().code == Errc::not_found) << "a part is missing";
    (void)co_await t.s3("PUT", "/bucket/i.part.0", "the part");
    const auto admitted = co_await t.admit();
    EXPECT_TRUE(admitted) << t.daemon_->log();
    if (!admitted) co_return;
    EXPECT_EQ(admitted.value().manifest, kManifest);
    const auto to_node = co_await t.part(t.node_, "node-1");
    EXPECT_EQ(to_node.status, 200) << to_node.body;
    EXPECT_EQ(to_node.body, "the part");
    const auto to_cluster = co_await t.part(t.cluster_, "cc-1");
    EXPECT_EQ(to_cluster.status, 403);
    (void)co_await t.s3("PUT", "/bucket/i.part.0", "other bytes");
    const auto overwritten = co_await t.part(t.node_, "node-1");
    EXPECT_EQ(overwritten.status, 410);
    EXPECT_NE(overwritten.body.find("overwritten"), std::string::npos) << overwritten.body;
  }

  static awaitable<void> keeps_snapshots(WalrusDaemon& t) {
    if (!co_await t.start_store()) co_return;
    const std::string bytes(chunks::kChunkBytes, 'k');
    chunks::ChunkMap map;
    map.volume_bytes = 1 << 30;
    map.entries = {{5, chunks::name_of(bytes)}, {9, chunks::name_of("other")}};
    const auto whole = chunks::encode(map);
    const auto chunk = "/chunks/" + chunks::to_hex(map.entries[0].name);
    const std::string snapshot = "/maps/snap-0123456789abcdef0";
    // The registry may still be on its way.
    const auto until = t.runtime_.steady_now() + 15s;
    auto early = co_await t.snapshots("PUT", snapshot, whole);
    while (early.status == 403 && t.runtime_.steady_now() < until) {
      co_await t.runtime_.sleep_for(50ms);
      early = co_await t.snapshots("PUT", snapshot, whole);
    }
    EXPECT_EQ(early.status, 409) << early.body;
    EXPECT_EQ(early.body, "5\n9\n");
    const auto foreign = co_await t.snapshots("PUT", chunk, bytes, false);
    EXPECT_EQ(foreign.status, 403);
    const auto wrong = co_await t.snapshots("PUT", chunk, "other bytes");
    EXPECT_EQ(wrong.status, 400);
    const auto large = co_await t.snapshots("PUT", chunk, bytes + "k");
    EXPECT_EQ(large.status, 413);
    const auto no_map = co_await t.snapshots("PUT", snapshot, "no map");
    EXPECT_EQ(no_map.status, 400);
    const auto elsewhere = co_await t.snapshots("GET", "/maps/../etc");
    EXPECT_EQ(elsewhere.status, 404);
    const auto put = co_await t.snapshots("PUT", chunk, bytes);
    EXPECT_EQ(put.status, 204) << put.body << t.daemon_->log();
    const auto other = "/chunks/" + chunks::to_hex(map.entries[1].name);
    const auto put_other = co_await t.snapshots("PUT", other, "other");
    EXPECT_EQ(put_other.status, 204);
    const auto kept = co_await t.snapshots("PUT", snapshot, whole);
    EXPECT_EQ(kept.status, 204) << kept.body;
    t.daemon_->kill(SIGKILL);
    co_await t.daemon_->ended(t.runtime_, 5s);
    if (!co_await t.start_store()) co_return;
    const auto got_map = co_await t.snapshots("GET", snapshot);
    EXPECT_TRUE(got_map.status == 200 && got_map.body == whole) << got_map.status;
    const auto got = co_await t.snapshots("GET", chunk);
    EXPECT_TRUE(got.status == 200 && got.body == bytes) << got.status;
    const auto held = co_await t.snapshots("PUT", snapshot + "/holders/vol-00000001");
    EXPECT_EQ(held.status, 204);
    const auto gone = co_await t.snapshots("DELETE", snapshot);
    EXPECT_EQ(gone.status, 204);
    const auto for_holders = co_await t.snapshots("GET", snapshot);
    EXPECT_EQ(for_holders.status, 200);
    const auto let_go = co_await t.snapshots("DELETE", snapshot + "/holders/vol-00000001");
    EXPECT_EQ(let_go.status, 204);
    const auto no_more = co_await t.snapshots("GET", snapshot);
    EXPECT_EQ(no_more.status, 404);
  }

  soap::Dispatcher nothing_;
  InProcess storage_{runtime_, folder_.path() + "/sc-1", "sc-1", nothing_};
  InProcess node_{runtime_, folder_.path() + "/node-1", "node-1", nothing_};
  InProcess cluster_{runtime_, folder_.path() + "/cc-1", "cc-1", nothing_};
  std::string s3_port_;
};

TEST_F(WalrusDaemon, ServesWhatItKnowsWhileTheCloudControllerIsSilent) { run(outlives(*this)); }

TEST_F(WalrusDaemon, GivesAnImagesPartsToNodesAlone) { run(serves_parts(*this)); }

TEST_F(WalrusDaemon, KeepsSnapshotsForStorageControllersAlone) { run(keeps_snapshots(*this)); }

}  // namespace
}  // namespace angophora::testing
