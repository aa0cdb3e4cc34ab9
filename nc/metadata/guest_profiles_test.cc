#include "nc/metadata/guest_profiles.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "common/runtime/sim_runtime.h"
#include "nc/metadata/service.h"

namespace angophora::nc {
namespace {

using namespace std::chrono_literals;

// Hands out a new key each time it is asked for one.
struct Cloud final : ProfileSource {
  explicit Cloud(common::Runtime& r) : runtime(r) {}
  common::Task<std::optional<GuestProfile>> profile_of(InstanceId instance, std::int64_t placement,
                                                       std::string known_role) override {
    ++asked;
    last = instance.value + "/" + std::to_string(placement);
    co_await runtime.sleep_for(delay);
    if (!reachable) co_return common::Error(common::Errc::unavailable, "nobody is there");
    auto told = profile;
    if (told && !told->role_id.empty() && told->role_id != known_role)
      told->credentials = RoleCredentials{told->role_id, "ASIA" + std::to_string(++made),
                                          "s3cr3t",      "t0ken",
                                          runtime.now(), runtime.now() + 6h};
    co_return told;
  }
  common::Runtime& runtime;
  std::optional<GuestProfile> profile;
  bool reachable = true;
  common::Duration delay = 1ms;
  int asked = 0, made = 0;
  std::string last;
};

struct OneGuest final : MetadataSource {
  std::optional<InstanceSpec> by_address(std::string_view) const override {
    InstanceSpec spec;
    spec.id = InstanceId("i-1");
    spec.placement_no = 7;
    spec.net = {"d0:0d:00:00:00:05", "10.100.0.5", "", 0};
    return spec;
  }
  std::string region() const override { return "south"; }
};

class GuestProfilesTest : public testing::Test {
 protected:
  GuestProfilesTest() {
    cloud.profile = GuestProfile{
        "arn:aws:iam::1:instance-profile/p", "AIPA1", "ops", "AROA1", "", std::nullopt};
    MetadataOptions options;
    options.profiles = &cloud;
    service.emplace(runtime, guest, std::move(options));
  }
  ~GuestProfilesTest() override { runtime.kill(); }

  // The body, or the status of a refusal.
  std::string get(const std::string& below_meta_data) {
    http::Request request;
    request.method = "GET";
    request.target = "/latest/meta-data/" + below_meta_data;
    request.peer.address = "10.100.0.5";
    const auto response = world.run(runtime, service->handle(request));
    return response.status == 200 ? std::get<std::string>(response.body)
                                  : std::to_string(response.status);
  }
  boost::json::object json(const std::string& path) {
    return boost::json::parse(get(path)).as_object();
  }
  std::string key() {
    return json("iam/security-credentials/ops").at("AccessKeyId").as_string().c_str();
  }
  void wait(common::Duration time) { world.run_for(time); }

  common::SimWorld world;
  common::SimRuntime runtime{world, "nc"};
  Cloud cloud{runtime};
  OneGuest guest;
  std::optional<MetadataService> service;
};

TEST_F(GuestProfilesTest, AGuestReadsItsProfileAndItsRolesCredentials) {
  EXPECT_EQ(get("iam"), "info\nsecurity-credentials/");
  EXPECT_EQ(get("iam/security-credentials/"), "ops");
  const auto info = json("iam/info");
  EXPECT_EQ(info.at("Code"), "Success");
  EXPECT_EQ(info.at("InstanceProfileArn"), "arn:aws:iam::1:instance-profile/p");
  EXPECT_EQ(info.at("InstanceProfileId"), "AIPA1");
  const auto credentials = json("iam/security-credentials/ops");
  EXPECT_EQ(credentials.at("Code"), "Success");
  EXPECT_EQ(credentials.at("Type"), "AWS-HMAC");
  EXPECT_EQ(credentials.at("SecretAccessKey"), "s3cr3t");
  EXPECT_EQ(credentials.at("Token"), "t0ken");
  EXPECT_EQ(credentials.at("Expiration").as_string().size(), 20u);
  EXPECT_NE(get("").find("iam/"), std::string::npos) << "what is there is listed";
  EXPECT_EQ(cloud.last, "i-1/7");
  EXPECT_EQ(cloud.asked, 1) << "all of it is one question";
}

TEST_F(GuestProfilesTest, WithoutAProfileThereIsNothing) {
  cloud.profile.reset();
  EXPECT_EQ(get("iam/info"), "404");
  EXPECT_EQ(get("iam/security-credentials/"), "404");
  EXPECT_EQ(get("").find("iam"), std::string::npos);
}

TEST_F(GuestProfilesTest, CredentialsStayUntilAnHourBeforeTheirEnd) {
  EXPECT_EQ(key(), "ASIA1");
  wait(4h + 59min);
  EXPECT_EQ(key(), "ASIA2") << "nobody had read them for an hour, so they were forgotten";
  for (int minute = 0; minute < 299; ++minute) {
    wait(1min);
    ASSERT_EQ(key(), "ASIA2") << minute;
  }
  wait(2min);
  EXPECT_EQ(key(), "ASIA3");
}

TEST_F(GuestProfilesTest, AnotherRoleOrNoneCountsWithinTenSeconds) {
  EXPECT_EQ(key(), "ASIA1");
  cloud.profile->role_name = "other";
  cloud.profile->role_id = "AROA2";
  wait(11s);
  EXPECT_EQ(get("iam/security-credentials/"), "other");
  EXPECT_EQ(get("iam/security-credentials/ops"), "404");
  cloud.profile->role_name = cloud.profile->role_id = "";
  cloud.profile->refusal = "InstanceProfileNotFound";
  wait(11s);
  EXPECT_EQ(get("iam/security-credentials/"), "404");
  EXPECT_EQ(json("iam/info").at("Code"), "InstanceProfileNotFound");
  cloud.profile.reset();
  wait(11s);
  EXPECT_EQ(get("iam/info"), "404");
}

TEST_F(GuestProfilesTest, WhileNobodyAnswersCredentialsServeUntilTheyExpire) {
  EXPECT_EQ(key(), "ASIA1");
  cloud.reachable = false;
  for (int minute = 0; minute < 358; ++minute) {
    wait(1min);
    ASSERT_EQ(key(), "ASIA1") << minute;
  }
  wait(3min);
  EXPECT_EQ(get("iam/security-credentials/ops"), "404");
}

TEST_F(GuestProfilesTest, WhatWasNeverKnownIsUnavailableAndTheRestIsServed) {
  cloud.reachable = false;
  EXPECT_EQ(get("iam/info"), "503");
  EXPECT_EQ(get("iam/security-credentials/ops"), "503");
  EXPECT_EQ(cloud.asked, 1) << "a guest that insists does not ask for each request";
  EXPECT_NE(get("").find("instance-id"), std::string::npos);
  cloud.reachable = true;
  wait(4s);
  EXPECT_EQ(key(), "ASIA1");
}

TEST_F(GuestProfilesTest, TheRestIsServedWithoutAskingAnybody) {
  EXPECT_EQ(get("instance-id"), "i-1");
  EXPECT_EQ(cloud.asked, 0);
}

}  // namespace
}  // namespace angophora::nc
