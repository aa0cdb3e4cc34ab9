#include "nc/clients/cloud_images.h"

#include <gtest/gtest.h>

#include "common/http/server.h"
#include "common/runtime/real_runtime.h"
#include "common/soap/local_channel.h"
#include "common/soap/soap_channel.h"

namespace angophora::nc {
namespace {

using common::Errc;
using common::Result;
using common::ServiceName;
using common::Task;
using soap::Role;

// Keys are slow to make: one pair serves all tests.
struct Keys {
  crypto::PrivateKey key = crypto::PrivateKey::generate().assume_value();
  crypto::Certificate certificate = make();
  crypto::Certificate make() const {
    crypto::CertificateSubject subject;
    subject.common_name = "test";
    subject.not_before = common::SysTime(std::chrono::hours(24));
    subject.not_after = common::SysTime(std::chrono::hours(24 * 36500));
    subject.serial = "1";
    return crypto::Certificate::self_signed(key, subject).assume_value();
  }
  soap::Self self(const std::string& name) const { return {ServiceName(name), key, certificate}; }
};
const Keys& keys() {
  static const Keys made;
  return made;
}

class OnePeer final : public soap::PeerSource {
 public:
  std::shared_ptr<const soap::Peers> peers() const override { return table; }
  std::shared_ptr<const soap::Peers> table = std::make_shared<const soap::Peers>();
};

class CloudImagesTest : public testing::Test {
 protected:
  CloudImagesTest() {
    reply_.wrappedKey = keys().key.public_key().encrypt_oaep(std::string(16, 'k')).assume_value();
    reply_.wrappedIv =
        keys().key.public_key().encrypt_oaep("69696969696969696969696969696969").assume_value();
    reply_.sha1 = "da39";
    reply_.sizeBytes = 7;
    reply_.bundledSizeBytes = 5;
    add_part(1, 2);
    add_part(0, 3);
    dispatcher_.serve<soap::cloud::GetImageKey>(
        {Role::node}, [this](soap::Caller, soap::cloud::GetImageKey::Request request) {
          return answer(reply_, std::move(request));
        });
    network_.attach(ServiceName("clc"), dispatcher_);
  }

  static Task<soap::cloud::GetImageKey::Reply> answer(soap::cloud::GetImageKey::Reply reply,
                                                      soap::cloud::GetImageKey::Request request) {
    if (request.placementNo != 4)
      co_return common::Error(Errc::permission_denied, "another node holds it");
    co_return reply;
  }
  void add_part(int index, std::int64_t size) {
    cloud__imagePart part;
    part.index = index;
    part.sha1 = "ab";
    part.sizeBytes = size;
    reply_.parts.push_back(part);
  }

  static http::ServerOptions walrus_listener() {
    http::ServerOptions options;
    options.tls = soap::tls_identity_of(keys().self("walrus"));
    options.want_client_certificate = true;
    return options;
  }
  static common::awaitable<http::Response> serve(http::Request& request, int status) {
    http::Response response;
    response.status = status;
    response.body = request.target == "/images/emi-1/parts/2" ? "part" : "another";
    co_return response;
  }
  void begin_walrus(int status = 200) {
    auto handler = [status](http::Request& request) { return serve(request, status); };
    walrus_ = http::Server::listen(runtime_, walrus_listener(), handler).assume_value();
    soap::Peer peer{ServiceName("walrus"),
                    Role::walrus,
                    common::ZoneName(),
                    "127.0.0.1",
                    walrus_->port(),
                    keys().certificate,
                    ""};
    peers_.table = std::make_shared<const soap::Peers>(std::vector{peer});
  }

  template <class T>
  static common::awaitable<void> keep(Task<T> work, std::optional<Result<T>>& result,
                                      common::RealRuntime& runtime) {
    result.emplace(co_await std::move(work));
    runtime.stop();
  }
  template <class T>
  Result<T> run(Task<T> work) {
    std::optional<Result<T>> result;
    runtime_.spawn("test", keep<T>(std::move(work), result, runtime_));
    runtime_.run();
    return std::move(*result);
  }
  static common::RealRuntimeOptions quiet() {
    common::RealRuntimeOptions options;
    options.handle_signals = false;
    return options;
  }
  Result<std::string> fetch(std::uint64_t size, std::uint32_t index = 2) {
    return run(images_.fetch_part(ImageId("emi-1"), {index, "", size}));
  }

  common::RealRuntime runtime_{quiet()};
  soap::cloud::GetImageKey::Reply reply_;
  soap::Dispatcher dispatcher_;
  soap::LocalNetwork network_;
  soap::LocalChannel channel_{runtime_, network_, ServiceName("nc"), Role::node};
  OnePeer peers_;
  http::Client client_{runtime_, {.tls = soap::tls_identity_of(keys().self("nc"))}};
  CloudImages images_{
      runtime_,
      {channel_, peers_, ServiceName("clc")},
      [this](http::ClientRequest request) { return client_.send(std::move(request)); },
      keys().key};
  std::unique_ptr<http::Server> walrus_;
};

TEST_F(CloudImagesTest, UnwrapsTheKeyAndPutsThePartsInOrder) {
  const auto key = run(images_.get_key({InstanceId("i-1"), 4, {.id = ImageId("emi-1")}}));
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key.assume_value().key, std::string(16, 'k'));
  EXPECT_EQ(key.assume_value().iv, std::string(16, 'i'));  // came as hex digits
  EXPECT_EQ(key.assume_value().size_bytes, 7u);
  ASSERT_EQ(key.assume_value().parts.size(), 2u);
  EXPECT_EQ(key.assume_value().parts[0].size_bytes, 3u);
}

TEST_F(CloudImagesTest, HandsTheRefusalOfAnotherPlacementOn) {
  const auto key = run(images_.get_key({InstanceId("i-1"), 3, {.id = ImageId("emi-1")}}));
  EXPECT_EQ(key.error().code, Errc::permission_denied);
}

TEST_F(CloudImagesTest, RefusesPartsWithGaps) {
  add_part(5, 1);
  const auto key = run(images_.get_key({InstanceId("i-1"), 4, {.id = ImageId("emi-1")}}));
  EXPECT_EQ(key.error().code, Errc::corrupt);
}

TEST_F(CloudImagesTest, RefusesAKeyThatWasWrappedForAnother) {
  reply_.wrappedKey[9] ^= 1;
  const auto key = run(images_.get_key({InstanceId("i-1"), 4, {.id = ImageId("emi-1")}}));
  EXPECT_EQ(key.error().code, Errc::corrupt);
}

TEST_F(CloudImagesTest, FetchesAPartFromThePinnedWalrus) {
  begin_walrus();
  const auto part = fetch(4);
  ASSERT_TRUE(part) << part.error().message;
  EXPECT_EQ(part.assume_value(), "part");
}

TEST_F(CloudImagesTest, RefusesAPartOfAnotherLength) {
  begin_walrus();
  EXPECT_EQ(fetch(3).error().code, Errc::corrupt);
}

TEST_F(CloudImagesTest, RefusesAnUnreasonablePartWithoutAsking) {
  EXPECT_EQ(fetch(1ull << 40).error().code, Errc::limit_exceeded);
}

TEST_F(CloudImagesTest, MayTryAgainWhenWalrusDoesNotKnowThisNodeYet) {
  begin_walrus(403);
  EXPECT_EQ(fetch(4).error().code, Errc::unavailable);
}

TEST_F(CloudImagesTest, SaysThatAnImageIsGone) {
  begin_walrus(404);
  EXPECT_EQ(fetch(4).error().code, Errc::not_found);
}

TEST_F(CloudImagesTest, WaitsForARegistryThatKnowsAWalrus) {
  EXPECT_EQ(fetch(4).error().code, Errc::unavailable);
}

}  // namespace
}  // namespace angophora::nc
