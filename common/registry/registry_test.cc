// Files, identities, tokens, documents and the table, each by itself.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/crypto/digest.h"
#include "common/registry/document.h"
#include "common/registry/identity.h"
#include "common/registry/table.h"
#include "common/registry/token.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::registry {
namespace {
using namespace std::chrono_literals;

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest() {
    char path[] = "/tmp/angophora-registry-XXXXXX";
    folder_ = mkdtemp(path);
  }
  ~RegistryTest() override { std::filesystem::remove_all(folder_); }

  // Made once: keys are slow.
  const Identity& identity() {
    static const auto made = [this] {
      return load_or_make_identity(folder_ + "/once", "node", runtime_).value();
    }();
    return made;
  }
  t__registry registry(std::int64_t version) {
    t__registry made;
    made.version = version;
    made.issuedMs = runtime_.now().time_since_epoch().count();
    auto& node = made.services.emplace_back();
    node.name = "node-1";
    node.type = "node";
    node.zone = "zone-a";
    node.host = "127.0.0.1";
    node.port = 8775;
    node.state = "ENABLED";
    node.signingCertificate = identity().signing_certificate.der();
    node.encryptionCertificate = identity().encryption_certificate.der();
    return made;
  }
  Token token() {
    return Token{"127.0.0.1",
                 8779,
                 "clc",
                 crypto::sha256("clc"),
                 "node-1",
                 "tok-1",
                 "a secret of 16 bytes and more"};
  }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "node"};
  std::string folder_;
};

TEST_F(RegistryTest, WritesFilesThatOnlyTheOwnerReads) {
  const auto path = folder_ + "/file";
  // What a crash left behind, readable by all.
  std::ofstream(path + ".new") << "old";
  ASSERT_TRUE(write_file(path, "first"));
  ASSERT_TRUE(write_file(path, "second"));
  EXPECT_EQ(read_file(path).value(), "second");
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  ASSERT_TRUE(remove_file(path));
  ASSERT_TRUE(remove_file(path));
  EXPECT_FALSE(read_file(path).value());
  EXPECT_FALSE(write_file(folder_ + "/none/file", "x"));
}

TEST_F(RegistryTest, KeepsItsKeys) {
  const auto first = load_or_make_identity(folder_ + "/state", "node", runtime_);
  ASSERT_TRUE(first) << first.error().message;
  const auto second = load_or_make_identity(folder_ + "/state", "node", runtime_);
  ASSERT_TRUE(second);
  EXPECT_EQ(first.value().signing_certificate.der(), second.value().signing_certificate.der());
  EXPECT_EQ(first.value().encryption_key.pem(), second.value().encryption_key.pem());
  EXPECT_NE(first.value().signing_key.pem(), first.value().encryption_key.pem());
  struct stat info;
  ASSERT_EQ(stat((folder_ + "/state/keys/signing.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(RegistryTest, MakesACertificateThatIsMissingButNeverAnotherKey) {
  const auto state = folder_ + "/state";
  const auto first = load_or_make_identity(state, "node", runtime_).value();
  // As after a crash between the key and its certificate.
  ASSERT_TRUE(remove_file(state + "/keys/signing.crt"));
  const auto second = load_or_make_identity(state, "node", runtime_).value();
  EXPECT_EQ(first.signing_key.pem(), second.signing_key.pem());
  ASSERT_TRUE(write_file(state + "/keys/signing.crt", first.encryption_certificate.pem()));
  const auto mixed = load_or_make_identity(state, "node", runtime_);
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code, Errc::corrupt);
  ASSERT_TRUE(write_file(state + "/keys/signing.key", "junk"));
  EXPECT_FALSE(load_or_make_identity(state, "node", runtime_));
}

TEST_F(RegistryTest, BringsATokenThroughText) {
  const auto text = format_token(token());
  EXPECT_EQ(text.find_first_of("+/= \n"), std::string::npos);
  const auto got = parse_token("  " + text + " \n");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got.value().host, "127.0.0.1");
  EXPECT_EQ(got.value().port, 8779);
  EXPECT_EQ(got.value().cloud_name, "clc");
  EXPECT_EQ(got.value().cloud_sha256, crypto::sha256("clc"));
  EXPECT_EQ(got.value().service_name, "node-1");
  EXPECT_EQ(got.value().secret, token().secret);
}

TEST_F(RegistryTest, RefusesTokensThatAreCutShortOrMeaningless) {
  const auto text = format_token(token());
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(parse_token(text.substr(0, length))) << length;
  auto weak = token();
  weak.secret = "short";
  EXPECT_FALSE(parse_token(format_token(weak)));
  auto strange = token();
  strange.service_name = "../etc";
  EXPECT_FALSE(parse_token(format_token(strange)));
  EXPECT_FALSE(parse_token("%%%"));
}

class EnrolmentCheck : public RegistryTest {
 protected:
  cloud__EnrolType request() {
    cloud__EnrolType made;
    made.name = "node-1";
    made.tokenId = "tok-1";
    made.signingCertificate = identity().signing_certificate.der();
    made.encryptionCertificate = identity().encryption_certificate.der();
    made.mac = enrolment_mac(token().secret, made.name, made.tokenId, made.signingCertificate,
                             made.encryptionCertificate);
    return made;
  }
  Result<> check(const cloud__EnrolType& request) {
    const soap::Caller caller{common::ServiceName(), soap::Role::stranger, "req",
                              identity().signing_certificate.der()};
    return check_enrolment(request, token().secret, common::ServiceName("node-1"), caller);
  }
};

TEST_F(EnrolmentCheck, TakesTheOneWhoHoldsTheToken) { EXPECT_TRUE(check(request())); }

TEST_F(EnrolmentCheck, RefusesOtherCertificatesNamesAndSecrets) {
  auto other_key = request();
  other_key.encryptionCertificate = identity().signing_certificate.der();
  EXPECT_EQ(check(other_key).error().code, Errc::permission_denied);
  auto other_name = request();
  other_name.name = "node-2";
  other_name.mac = enrolment_mac(token().secret, "node-2", "tok-1", other_name.signingCertificate,
                                 other_name.encryptionCertificate);
  EXPECT_EQ(check(other_name).error().code, Errc::permission_denied);
  auto guessed = request();
  guessed.mac = enrolment_mac("another secret", "node-1", "tok-1", guessed.signingCertificate,
                              guessed.encryptionCertificate);
  EXPECT_EQ(check(guessed).error().code, Errc::permission_denied);
}

TEST_F(EnrolmentCheck, RefusesACertificateWhoseKeyDidNotSign) {
  auto borrowed = request();
  borrowed.signingCertificate = identity().encryption_certificate.der();
  borrowed.mac = enrolment_mac(token().secret, "node-1", "tok-1", borrowed.signingCertificate,
                               borrowed.encryptionCertificate);
  EXPECT_EQ(check(borrowed).error().code, Errc::permission_denied);
}

TEST_F(RegistryTest, OpensWhatTheCloudControllerSigned) {
  const auto document = sign_registry(registry(3), identity().signing_key).value();
  const auto kept = deserialise(serialise(document));
  ASSERT_TRUE(kept);
  const auto opened = open_registry(kept.value(), identity().signing_certificate);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened.value().version, 3);
  EXPECT_EQ(opened.value().services.at(0).name, "node-1");
}

TEST_F(RegistryTest, RefusesADocumentThatWasChanged) {
  auto document = sign_registry(registry(3), identity().signing_key).value();
  EXPECT_FALSE(open_registry(document, identity().encryption_certificate));
  auto newer = document;
  newer.version = 4;
  EXPECT_FALSE(open_registry(newer, identity().signing_certificate));
  auto renamed = document;
  renamed.registry.replace(renamed.registry.find("node-1"), 6, "node-2");
  EXPECT_FALSE(open_registry(renamed, identity().signing_certificate));
  EXPECT_FALSE(deserialise("3\nabc"));
  EXPECT_FALSE(deserialise(""));
}

TEST_F(RegistryTest, FindsComponentsByNameAndCertificate) {
  RegistryTable table(runtime_);
  ASSERT_TRUE(table.accept(registry(1)));
  const auto node = table.find(common::ServiceName("node-1"));
  ASSERT_TRUE(node);
  EXPECT_EQ(node->role, soap::Role::node);
  EXPECT_EQ(node->zone.value, "zone-a");
  EXPECT_TRUE(node->enabled);
  const auto thumbprint = identity().signing_certificate.sha1_thumbprint();
  ASSERT_TRUE(table.peers()->by_sha1(thumbprint));
  EXPECT_EQ(table.peers()->by_sha1(thumbprint)->name.value, "node-1");
  EXPECT_EQ(table.of_role(soap::Role::node, common::ZoneName("zone-b")).size(), 0u);
  EXPECT_EQ(table.of_role(soap::Role::node).size(), 1u);
}

TEST_F(RegistryTest, LeavesOutWhoSharesACertificateOrIsNotEnrolled) {
  auto twice = registry(1);
  twice.services.push_back(twice.services[0]);
  twice.services[1].name = "node-2";
  auto& waiting = twice.services.emplace_back();
  waiting.name = "node-3";
  waiting.type = "node";
  RegistryTable table(runtime_);
  ASSERT_TRUE(table.accept(twice));
  EXPECT_TRUE(table.peers()->all().empty());
}

TEST_F(RegistryTest, NeverGoesBackwards) {
  RegistryTable table(runtime_);
  const auto old = registry(1);
  world_.run_for(5s);
  ASSERT_TRUE(table.accept(registry(2)));
  EXPECT_FALSE(table.accept(old));
  EXPECT_EQ(table.version(), 2);
  auto same_version_but_earlier = registry(2);
  same_version_but_earlier.issuedMs -= 1;
  EXPECT_FALSE(table.accept(same_version_but_earlier));
  EXPECT_TRUE(table.accept(registry(2)));
}

class RegistryAge : public RegistryTest {
 protected:
  t__registry with_cloud(std::int64_t version) {
    auto made = registry(version);
    auto& cloud = made.services.emplace_back();
    cloud.name = "clc";
    cloud.type = "cloud";
    cloud.host = "127.0.0.1";
    cloud.port = 8779;
    cloud.state = "ENABLED";
    cloud.signingCertificate = identity().encryption_certificate.der();
    return made;
  }
  RegistryTable table_{runtime_, {.age_max = 1h}};
};

TEST_F(RegistryAge, LeavesOnlyTheCloudControllerTrusted) {
  EXPECT_EQ(table_.why_too_old(), "");  // nothing is not too old
  const auto first = with_cloud(1);
  ASSERT_TRUE(table_.accept(first));
  world_.run_for(59min);
  EXPECT_EQ(table_.peers()->all().size(), 2u);
  EXPECT_EQ(table_.why_too_old(), "");
  world_.run_for(2min);
  ASSERT_EQ(table_.peers()->all().size(), 1u);
  EXPECT_EQ(table_.peers()->all()[0]->name.value, "clc");
  EXPECT_FALSE(table_.find(common::ServiceName("node-1")));
  EXPECT_TRUE(table_.cloud());
  EXPECT_EQ(table_.why_too_old(),
            "the registry is too old: the cloud controller signed version 1 3660 s ago, more than "
            "the 3600 s of registry_age_max_s; it must answer before others are trusted again");
  EXPECT_FALSE(table_.accept(first));
  EXPECT_TRUE(table_.accept(with_cloud(1)));  // signed anew
  EXPECT_EQ(table_.peers()->all().size(), 2u);
  EXPECT_EQ(table_.why_too_old(), "");
}

TEST_F(RegistryAge, OfWhatWasKeptOverARestartDoesNotMatterToFindTheCloudController) {
  const auto kept = with_cloud(3);
  world_.run_for(2h);
  EXPECT_FALSE(table_.accept(kept));
  table_.restore(kept);
  EXPECT_EQ(table_.version(), 3);
  EXPECT_NE(table_.why_too_old(), "");
  EXPECT_TRUE(table_.cloud());
  EXPECT_FALSE(table_.find(common::ServiceName("node-1")));
  // What is kept never beats what was heard.
  ASSERT_TRUE(table_.accept(with_cloud(4)));
  table_.restore(kept);
  EXPECT_EQ(table_.version(), 4);
  EXPECT_EQ(table_.why_too_old(), "");
}

TEST_F(RegistryAge, DoesNotMatterToTheIssuer) {
  table_.set(with_cloud(1));
  world_.run_for(2h);
  EXPECT_EQ(table_.why_too_old(), "");
  EXPECT_EQ(table_.peers()->all().size(), 2u);
}

}  // namespace
}  // namespace angophora::registry
