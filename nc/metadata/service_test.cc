#include "nc/metadata/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/cms.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::nc {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

InstanceSpec sample() {
  InstanceSpec spec;
  spec.id = InstanceId("i-0123456789abcdef0");
  spec.reservation_id = ReservationId("r-0123456789abcdef0");
  spec.account_id = AccountId("123456789012");
  spec.zone = "zone-a";
  spec.type = {"m1.small", 1, 256, 5, 10, 512};
  spec.machine_image = {ImageId("emi-00000000000000001"), ImageKind::machine, 0, false};
  spec.kernel_image = ImageRef{ImageId("eki-00000000000000001"), ImageKind::kernel, 0, false};
  spec.key_name = "my key";
  spec.public_key = "ssh-rsa AAAA me@here";
  spec.user_data = std::string("#!/bin/sh\n\0echo", 15);
  spec.hostname = "ip-10-100-0-5.zone-a.internal";
  spec.net = {"D0:0D:00:00:00:05", "10.100.0.5", "198.51.100.5", 0};
  spec.group_names = {"default", "web"};
  return spec;
}

struct OneGuest final : MetadataSource {
  std::optional<InstanceSpec> by_address(std::string_view address) const override {
    if (address == spec.net.private_ip) return spec;
    return std::nullopt;
  }
  std::string region() const override { return region_name; }
  InstanceSpec spec = sample();
  std::string region_name;
};

class MetadataTest : public testing::Test {
 protected:
  MetadataTest() { make({}); }
  ~MetadataTest() override { runtime.kill(); }

  void make(MetadataOptions options) {
    options.token_key = "key";
    service.emplace(runtime, source, std::move(options));
  }
  http::Response call(const std::string& method, const std::string& target,
                      http::Headers headers = {}) {
    http::Request request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    request.peer.address = peer;
    return world.run(runtime, service->handle(request));
  }
  static std::string body(const http::Response& response) {
    return std::get<std::string>(response.body);
  }
  std::string get(const std::string& target) {
    const auto response = call("GET", target);
    return response.status == 200 ? body(response) : std::to_string(response.status);
  }
  http::Response put_token(const std::string& life, http::Headers headers = {}) {
    headers.set("X-aws-ec2-metadata-token-ttl-seconds", life);
    return call("PUT", "/latest/api/token", std::move(headers));
  }
  http::Response get_with(const std::string& token) {
    http::Headers headers;
    headers.set("x-aws-ec2-metadata-token", token);
    return call("GET", "/latest/meta-data/instance-id", std::move(headers));
  }

  // As cloud-init does: every name that a listing shows, down to the leaves.
  void crawl(const std::string& folder, std::vector<std::string>& leaves) {
    const auto listing = get(folder);
    for (const auto line : common::split(listing, '\n')) {
      std::string name(line);
      if (folder.ends_with("public-keys/")) name = name.substr(0, name.find('=')) + "/";
      if (name.ends_with("/"))
        crawl(folder + name, leaves);
      else
        leaves.push_back(folder + name);
    }
  }

  common::SimWorld world;
  common::SimRuntime runtime{world, "nc"};
  OneGuest source;
  std::string peer = "10.100.0.5";
  std::optional<MetadataService> service;
};

TEST_F(MetadataTest, TellsTheRegionAsTheCloudNamesIt) {
  EXPECT_EQ(get("/latest/meta-data/placement/region"), "angophora") << "nobody has told it";
  source.region_name = "south";
  EXPECT_EQ(get("/latest/meta-data/placement/region"), "south");
  EXPECT_THAT(get("/latest/dynamic/instance-identity/document"),
              HasSubstr("\"region\" : \"south\""));
  source.region_name = "north";  // also when it was signed before
  EXPECT_THAT(get("/latest/dynamic/instance-identity/document"),
              HasSubstr("\"region\" : \"north\""));
}

TEST_F(MetadataTest, ShowsWhatTheInstanceIs) {
  const std::pair<const char*, const char*> expected[] = {
      {"ami-id", "emi-00000000000000001"},
      {"ami-launch-index", "0"},
      {"block-device-mapping/ami", "vda"},
      {"block-device-mapping/ephemeral0", "vdb"},
      {"block-device-mapping/root", "/dev/vda"},
      {"block-device-mapping/swap", "vdc"},
      {"hostname", "ip-10-100-0-5.zone-a.internal"},
      {"instance-id", "i-0123456789abcdef0"},
      {"instance-type", "m1.small"},
      {"kernel-id", "eki-00000000000000001"},
      {"ramdisk-id", "404"},
      {"local-hostname", "ip-10-100-0-5.zone-a.internal"},
      {"local-ipv4", "10.100.0.5"},
      {"mac", "d0:0d:00:00:00:05"},
      {"network/interfaces/macs/", "d0:0d:00:00:00:05/"},
      {"network/interfaces/macs/d0:0d:00:00:00:05/local-ipv4s", "10.100.0.5"},
      {"network/interfaces/macs/d0%3A0d:00:00:00:05/owner-id", "123456789012"},
      {"placement/availability-zone", "zone-a"},
      {"placement/region", "angophora"},
      {"public-ipv4", "198.51.100.5"},
      {"public-keys/", "0=my key"},
      {"public-keys/0/", "openssh-key"},
      {"public-keys/0/openssh-key", "ssh-rsa AAAA me@here\n"},
      {"reservation-id", "r-0123456789abcdef0"},
      {"security-groups", "default\nweb"},
  };
  for (const auto& [path, value] : expected)
    EXPECT_EQ(get(std::string("/latest/meta-data/") + path), value) << path;
}

TEST_F(MetadataTest, EveryVersionIsListedAndAnswers) {
  const auto versions = get("/");
  for (const auto* version :
       {"1.0", "2009-04-04", "2016-09-02", "2018-09-24", "2021-03-23", "latest"}) {
    EXPECT_THAT(versions, HasSubstr(version));
    EXPECT_EQ(get("/" + std::string(version) + "/meta-data/instance-id"), "i-0123456789abcdef0");
  }
  EXPECT_EQ(get("/2001-01-01/meta-data/instance-id"), "404");
}

TEST_F(MetadataTest, FoldersCanBeAskedWithAndWithoutSlash) {
  EXPECT_EQ(get("/latest"), "dynamic\nmeta-data\nuser-data");
  EXPECT_EQ(get("/latest/"), "dynamic\nmeta-data\nuser-data");
  EXPECT_EQ(get("//latest//meta-data/placement"), "availability-zone\nregion");
  EXPECT_EQ(get("/latest/meta-data/placement/"), "availability-zone\nregion");
}

TEST_F(MetadataTest, EveryListedLeafAnswers) {
  for (const auto* folder : {"/2021-03-23/meta-data/", "/latest/dynamic/"}) {
    std::vector<std::string> leaves;
    crawl(folder, leaves);
    EXPECT_GT(leaves.size(), 1u);
    for (const auto& leaf : leaves) EXPECT_EQ(call("GET", leaf).status, 200) << leaf;
  }
}

TEST_F(MetadataTest, ABareInstanceHasNoEmptyCorners) {
  InstanceSpec bare;
  bare.id = InstanceId("i-1");
  bare.net = {"d0:0d:00:00:00:01", "10.100.0.5", "", 0};
  source.spec = bare;
  std::vector<std::string> leaves;
  crawl("/latest/meta-data/", leaves);
  for (const auto& leaf : leaves) EXPECT_EQ(call("GET", leaf).status, 200) << leaf;
  EXPECT_EQ(get("/latest/user-data"), "404");
  EXPECT_EQ(get("/latest/meta-data/public-keys/"), "404");
  EXPECT_EQ(get("/latest/meta-data/public-ipv4"), "404");
  EXPECT_EQ(get("/latest/meta-data/hostname"), "ip-10-100-0-5");
  EXPECT_EQ(get("/latest"), "dynamic\nmeta-data");
}

TEST_F(MetadataTest, GivesUserDataAsItIs) {
  const auto response = call("GET", "/latest/user-data");
  EXPECT_EQ(body(response), source.spec.user_data);
  EXPECT_EQ(response.headers.get("content-type"), "application/octet-stream");
}

TEST_F(MetadataTest, WhatIsNotThereIsAwsPage) {
  for (const auto* path : {"/latest/meta-data/nothing", "/latest/meta-data/ami-id/x",
                           "/favicon.ico", "/latest/meta-data/../user-data", "/latest/meta-dat"}) {
    const auto response = call("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_THAT(body(response), HasSubstr("<h1>404 - Not Found</h1>"));
  }
  EXPECT_EQ(call("GET", "/latest/%zz").status, 400);
}

TEST_F(MetadataTest, HeadSaysTheLengthOnly) {
  const auto response = call("HEAD", "/latest/meta-data/instance-id");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.head_length, 19u);
  EXPECT_EQ(body(response), "");
}

TEST_F(MetadataTest, NothingCanBeWritten) {
  for (const auto* method : {"POST", "DELETE", "PUT"})
    EXPECT_EQ(call(method, "/latest/meta-data/ami-id").status, 405) << method;
}

TEST_F(MetadataTest, AStrangerLearnsNothing) {
  peer = "10.100.0.6";
  EXPECT_EQ(get("/latest/meta-data/instance-id"), "404");
  EXPECT_EQ(get("/"), "404");
  EXPECT_EQ(put_token("60").status, 404);
}

TEST_F(MetadataTest, ATokenWorksUntilItExpires) {
  const auto issued = put_token("60");
  EXPECT_EQ(issued.status, 200);
  EXPECT_EQ(issued.headers.get("X-aws-ec2-metadata-token-ttl-seconds"), "60");
  const auto token = body(issued);
  EXPECT_EQ(get_with(token).status, 200);
  world.run_for(59s);
  EXPECT_EQ(get_with(token).status, 200);
  world.run_for(2s);
  EXPECT_EQ(get_with(token).status, 401);
}

TEST_F(MetadataTest, ATokenOutlivesARestart) {
  const auto token = body(put_token("21600"));
  make({});
  EXPECT_EQ(get_with(token).status, 200);
}

TEST_F(MetadataTest, ATokenOfAnotherInstanceIsNoToken) {
  const auto token = body(put_token("60"));
  source.spec.id = InstanceId("i-0fedcba9876543210");
  EXPECT_EQ(get_with(token).status, 401);
}

TEST_F(MetadataTest, AForgedTokenIsRefusedAlsoWhereNoneIsNeeded) {
  const auto token = body(put_token("60"));
  auto later = token;
  later[3] = '9';
  for (const auto& forged : {std::string("x"), std::string(""), later, token + "0",
                             token.substr(0, token.size() - 1), "v2" + token.substr(2)})
    EXPECT_EQ(get_with(forged).status, 401) << forged;
}

TEST_F(MetadataTest, AnInstanceThatRequiresTokensAnswersWithThemOnly) {
  source.spec.metadata_tokens_required = true;
  EXPECT_EQ(get("/latest/meta-data/instance-id"), "401");
  EXPECT_EQ(get("/latest/user-data"), "401");
  EXPECT_EQ(get_with(body(put_token("60"))).status, 200);
}

TEST_F(MetadataTest, RefusesALifeOutOfBounds) {
  for (const auto* life : {"0", "21601", "-1", "", "1e3", "60 "})
    EXPECT_EQ(put_token(life).status, 400) << life;
  EXPECT_EQ(call("PUT", "/latest/api/token").status, 400);
  EXPECT_EQ(put_token("1").status, 200);
  EXPECT_EQ(put_token("21600").status, 200);
}

TEST_F(MetadataTest, GivesNoTokenThroughAProxy) {
  http::Headers headers;
  headers.set("x-forwarded-for", "192.0.2.1");
  EXPECT_EQ(put_token("60", headers).status, 403);
}

TEST_F(MetadataTest, AGuestThatAsksTooFastHasToWait) {
  MetadataOptions options;
  options.limits.burst = 5;
  options.limits.per_second = 1;
  make(options);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call("GET", "/").status, 200);
  EXPECT_EQ(call("GET", "/").status, 503);
  peer = "10.100.0.9";
  EXPECT_EQ(call("GET", "/").status, 404);  // others do not feel it
  peer = "10.100.0.5";
  world.run_for(1s);
  EXPECT_EQ(call("GET", "/").status, 200);
  EXPECT_EQ(call("GET", "/").status, 503);
}

TEST(GuestLimitsTest, CountsWhatIsUnderWayAndForgetsWhoIsIdle) {
  GuestLimits limits({.per_second = 1, .burst = 10, .under_way_max = 2, .guests_remembered = 2});
  const common::SteadyTime now{};
  EXPECT_TRUE(limits.begin("a", now));
  EXPECT_TRUE(limits.begin("a", now));
  EXPECT_FALSE(limits.begin("a", now));
  limits.end("a");
  EXPECT_TRUE(limits.begin("a", now));
  EXPECT_TRUE(limits.begin("b", now));
  limits.end("b");
  EXPECT_TRUE(limits.begin("c", now + 1h));
  EXPECT_FALSE(limits.begin("a", now + 1h));  // still two under way, so it was not forgotten
}

TEST_F(MetadataTest, TheIdentityDocumentTellsWhatItIs) {
  const auto document = boost::json::parse(get("/latest/dynamic/instance-identity/document"));
  const auto& o = document.as_object();
  EXPECT_EQ(o.at("instanceId"), "i-0123456789abcdef0");
  EXPECT_EQ(o.at("accountId"), "123456789012");
  EXPECT_EQ(o.at("region"), "angophora");
  EXPECT_EQ(o.at("availabilityZone"), "zone-a");
  EXPECT_EQ(o.at("privateIp"), "10.100.0.5");
  EXPECT_EQ(o.at("imageId"), "emi-00000000000000001");
  EXPECT_TRUE(o.at("ramdiskId").is_null());
  EXPECT_EQ(get("/latest/dynamic/instance-identity/signature"), "404");  // nobody signs
}

TEST_F(MetadataTest, TheIdentityDocumentIsSigned) {
  const auto key = crypto::PrivateKey::generate(2048).value();
  crypto::CertificateSubject subject;
  subject.common_name = "identity";
  subject.serial = "1";
  subject.not_before = runtime.now() - 24h;
  subject.not_after = runtime.now() + 24h;
  const auto certificate = crypto::Certificate::self_signed(key, subject).value();
  MetadataOptions options;
  options.signer = identity_signer(key, certificate);
  make(options);
  EXPECT_EQ(get("/latest/dynamic/instance-identity/"), "document\npkcs7\nrsa2048\nsignature");
  const auto document = get("/latest/dynamic/instance-identity/document");
  const auto signature = common::base64_decode(get("/latest/dynamic/instance-identity/signature"));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key.public_key().verify(crypto::SignatureHash::sha256, document, *signature));
  const auto cms = common::base64_decode(get("/latest/dynamic/instance-identity/pkcs7"));
  ASSERT_TRUE(cms);
  const auto opened = crypto::cms_verify(*cms, certificate);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened.value(), document);
}

TEST_F(MetadataTest, ASignerThatFailsIsAnErrorAndNoEmptySignature) {
  MetadataOptions options;
  options.signer = [](std::string) -> common::Result<SignedIdentity> {
    return common::Error(common::Errc::internal, "no key");
  };
  make(options);
  EXPECT_EQ(get("/latest/dynamic/instance-identity/document"), "500");
  EXPECT_EQ(get("/latest/meta-data/instance-id"), "i-0123456789abcdef0");
}

}  // namespace
}  // namespace angophora::nc
