// The bootstrap service and what follows from it: zones.
#include "clc/store/registrations.h"
#include "clc/testing/action_fixture.h"
#include "common/registry/token.h"

namespace angophora::clc {
namespace {

class ServiceActions : public testing::ActionFixture {
 public:
  ServiceActions() { caller.cloud_administrator = true; }
  Result<Reply> add(const std::string& name, const std::string& type, const std::string& zone = {},
                    const std::string& port = {}) {
    testing::Pairs pairs = {{"Name", name}, {"Type", type}, {"Host", "10.0.0.2"}};
    if (!zone.empty()) pairs.push_back({"Partition", zone});
    if (!port.empty()) pairs.push_back({"Port", port});
    return call("RegisterService", pairs);
  }
  void enrol(const std::string& name) {
    ASSERT_TRUE(write([&](Tx& tx) {
      return Registrations(tx).enrol(ServiceName(name), keys.encryption.certificate.der(),
                                     "encryption", runtime.now());
    }));
  }
  std::string state_of(const std::string& name, std::string* reason = nullptr) {
    const auto listed = call("DescribeServices", {{"ServiceName.1", name}});
    if (!listed) return listed.error().message;
    const std::string item = "serviceStatuses/item/";
    if (reason) *reason = listed.value().find(item + "statusDetails/item/message").value_or("");
    return *listed.value().find(item + "localState");
  }
  void hear(const std::string& name, bool ready = true, std::chrono::milliseconds ahead = {}) {
    states.heard(ServiceName(name), ready, "disk is full", "0.1.0", ahead, runtime.steady_now());
  }
};

TEST_F(ServiceActions, ARegisteredServiceIsNotReadyUntilItHasEnrolled) {
  const auto made = add("cc-1", "cluster", "zone-a");
  ASSERT_TRUE(made);
  const auto token = registry::parse_token(*made.value().find("enrolmentToken"));
  ASSERT_TRUE(token);
  EXPECT_EQ(token.value().host, "10.0.0.1");
  EXPECT_EQ(token.value().port, 8779);
  EXPECT_EQ(token.value().service_name, "cc-1");
  EXPECT_EQ(token.value().cloud_sha256, keys.signing.certificate.sha256_thumbprint());
  std::string reason;
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_EQ(reason, "not enrolled");
}

TEST_F(ServiceActions, ANodeIsRegisteredUnderItsAddress) {
  const auto named = call("RegisterService", {{"Name", "node-1"},
                                              {"Type", "node"},
                                              {"Partition", "zone-a"},
                                              {"Host", "node-1.example.org"}});
  ASSERT_FALSE(named);
  EXPECT_NE(named.error().message.find("IPv4 address"), std::string::npos);
  EXPECT_TRUE(add("node-1", "node", "zone-a"));
}

TEST_F(ServiceActions, TellWhyAServiceIsNotReady) {
  ASSERT_TRUE(add("cc-1", "cluster", "zone-a"));
  enrol("cc-1");
  std::string reason;
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_EQ(reason, "not heard from yet");
  hear("cc-1");
  EXPECT_EQ(state_of("cc-1", &reason), "ENABLED");
  EXPECT_EQ(reason, "");
  hear("cc-1", true, std::chrono::seconds(-75));
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_EQ(reason, "clock off by 75 s: it is behind the cloud controller's");
  hear("cc-1", false);
  state_of("cc-1", &reason);
  EXPECT_EQ(reason, "disk is full");
  hear("cc-1");
  world.run_for(std::chrono::seconds(9));
  EXPECT_EQ(state_of("cc-1", &reason), "NOTREADY");
  EXPECT_EQ(reason, "silent for 9 s");
}

TEST_F(ServiceActions, AskingAgainVoidsTheOldToken) {
  const auto first = registry::parse_token(*add("w", "walrus").value().find("enrolmentToken"));
  const auto second = registry::parse_token(*add("w", "walrus").value().find("enrolmentToken"));
  EXPECT_NE(first.value().id, second.value().id);
  const auto old = write([&](Tx& tx) { return Registrations(tx).find_token(first.value().id); });
  ASSERT_TRUE(old);
  EXPECT_FALSE(old.value());
}

// How one that lost its keys comes back.
TEST_F(ServiceActions, AskingAgainLetsAnEnrolledServiceEnrolAnew) {
  ASSERT_TRUE(add("w", "walrus"));
  enrol("w");
  const auto pinned = [&] {
    return write([&](Tx& tx) { return Registrations(tx).get(ServiceName("w")); })
        .value()
        .signing_certificate;
  };
  const auto before = pinned();
  const auto again = add("w", "walrus");
  ASSERT_TRUE(again) << again.error().message;
  const auto token = registry::parse_token(*again.value().find("enrolmentToken")).value();
  const auto kept = write([&](Tx& tx) { return Registrations(tx).find_token(token.id); });
  EXPECT_TRUE(kept.value());
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(pinned(), before) << "good until then";
  const auto other = add("w", "walrus", {}, "9999");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ServiceErrc::exists);
}

TEST_F(ServiceActions, RegisterRefusesWhatMakesNoSense) {
  EXPECT_FALSE(add("cc-1", "cluster"));  // no zone
  EXPECT_FALSE(add("cc 1", "cluster", "zone-a"));
  EXPECT_FALSE(add("clc", "cluster", "zone-a"));
  EXPECT_FALSE(add("x", "cloud"));
  EXPECT_FALSE(add("x", "toaster", "zone-a"));
  EXPECT_FALSE(add("cc-1", "cluster", "zone-a", "0"));
  EXPECT_FALSE(add("cc-1", "cluster", "zone a"));
  ASSERT_TRUE(add("cc-1", "cluster", "zone-a"));
  EXPECT_FALSE(add("cc-2", "cluster", "zone-a", "9999"));  // a zone has one
  EXPECT_TRUE(add("cc-2", "cluster", "zone-b", "9999"));
  EXPECT_FALSE(add("nc-1", "node", "zone-a", "9999"));  // the address is taken
}

TEST_F(ServiceActions, ModifyStopsAndEnables) {
  ASSERT_TRUE(add("cc-1", "cluster", "zone-a"));
  enrol("cc-1");
  hear("cc-1");
  ASSERT_TRUE(call("ModifyService", {{"Name", "cc-1"}, {"State", "STOPPED"}}));
  EXPECT_EQ(state_of("cc-1"), "STOPPED");
  ASSERT_TRUE(call("ModifyService", {{"Name", "cc-1"}, {"State", "enabled"}}));
  EXPECT_EQ(state_of("cc-1"), "ENABLED");
  EXPECT_FALSE(call("ModifyService", {{"Name", "cc-1"}, {"State", "sleepy"}}));
  EXPECT_FALSE(call("ModifyService", {{"Name", "cc-9"}, {"State", "ENABLED"}}));
}

TEST_F(ServiceActions, DeregisterForgetsAService) {
  ASSERT_TRUE(add("cc-1", "cluster", "zone-a"));
  EXPECT_FALSE(call("DeregisterService", {{"Name", "cc-1"}, {"Type", "walrus"}}));
  EXPECT_TRUE(call("DeregisterService", {{"Name", "cc-1"}, {"Type", "cluster"}}));
  const auto again = call("DeregisterService", {{"Name", "cc-1"}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ServiceErrc::not_found);
}

TEST_F(ServiceActions, TheCloudControllerIsPartOfTheList) {
  EXPECT_EQ(state_of("clc"), "ENABLED");
  const auto filtered =
      call("DescribeServices", {{"Filter.1.Name", "service-type"}, {"Filter.1.Value.1", "cloud"}});
  EXPECT_EQ(filtered.value().all("serviceStatuses/item").size(), 1u);
}

TEST_F(ServiceActions, TheCertificateForImageBundlesIsForEverybody) {
  const auto reply = call_as(stranger, "DescribeServiceCertificates",
                             {{"Format", "pem"}, {"FingerprintDigest", "SHA-256"}});
  ASSERT_TRUE(reply);
  const std::string item = "serviceCertificates/item/";
  EXPECT_EQ(reply.value().find(item + "certificateUsage"), "image-bundling");
  EXPECT_EQ(reply.value().find(item + "certificate"), keys.image.certificate.pem());
}

TEST_F(ServiceActions, TheCertificatesOfPublicDoorsAreForEverybody) {
  const auto certificates = [&] {
    const auto reply =
        call_as(stranger, "DescribeServiceCertificates", {{"CertificateUsage", "https"}});
    EXPECT_EQ(reply.value().find("serviceCertificates/item/certificate"),
              keys.signing.certificate.pem());
    return reply.value().all("serviceCertificates/item").size();
  };
  ASSERT_EQ(certificates(), 1u);
  ASSERT_TRUE(add("walrus-1", "walrus", ""));
  EXPECT_EQ(certificates(), 1u) << "not enrolled yet";
  enrol("walrus-1");
  EXPECT_EQ(certificates(), 2u);
  ASSERT_TRUE(add("cc-1", "cluster", "zone-a"));
  enrol("cc-1");
  EXPECT_EQ(certificates(), 2u) << "users do not talk to it";
}

TEST_F(ServiceActions, AZoneIsAvailableWhenItsClusterControllerIs) {
  ASSERT_TRUE(add("cc-1", "cluster", "zone-a"));
  const std::string item = "availabilityZoneInfo/item/";
  EXPECT_EQ(call("DescribeAvailabilityZones").value().find(item + "zoneState"), "unavailable");
  enrol("cc-1");
  hear("cc-1");
  const auto zones = call("DescribeAvailabilityZones", {{"ZoneName.1", "zone-a"}});
  EXPECT_EQ(zones.value().find(item + "zoneState"), "available");
  EXPECT_EQ(zones.value().find(item + "regionName"), "angophora");
  const auto unknown = call("DescribeAvailabilityZones", {{"ZoneName.1", "zone-x"}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ZoneErrc::not_found);
}

TEST_F(ServiceActions, VerboseShowsAdministratorsTheServicesOfAZone) {
  ASSERT_TRUE(add("cc-1", "cluster", "zone-a"));
  ASSERT_TRUE(add("nc-1", "node", "zone-a", "8775"));
  const auto mine = call("DescribeAvailabilityZones", {{"ZoneName.1", "verbose"}});
  EXPECT_EQ(mine.value().all("availabilityZoneInfo/item").size(), 3u);
  const auto other = call_as(stranger, "DescribeAvailabilityZones", {{"ZoneName.1", "verbose"}});
  EXPECT_EQ(other.value().all("availabilityZoneInfo/item").size(), 1u);
}

TEST_F(ServiceActions, GetCallerIdentityTellsWhoSigned) {
  const auto reply = call_as(stranger, "GetCallerIdentity");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply.value().find("Account"), "210987654321");
  EXPECT_EQ(reply.value().find("Arn"), "arn:aws:iam::210987654321:user/eve");
}

}  // namespace
}  // namespace angophora::clc
