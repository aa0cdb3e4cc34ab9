// The real object store between S3 clients, nodes and a cloud controller that live in the test.
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

  soap::Dispatcher nothing_;
  InProcess node_{runtime_, folder_.path() + "/node-1", "node-1", nothing_};
  InProcess cluster_{runtime_, folder_.path() + "/cc-1", "cc-1", nothing_};
  std::string s3_port_;
};

TEST_F(WalrusDaemon, ServesWhatItKnowsWhileTheCloudControllerIsSilent) { run(outlives(*this)); }

TEST_F(WalrusDaemon, GivesAnImagesPartsToNodesAlone) { run(serves_parts(*this)); }

}  // namespace
}  // namespace angophora::testing
