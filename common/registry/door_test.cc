#include "common/registry/door.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <filesystem>

#include "common/registry/identity.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::registry {
namespace {

class Doors : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    char pattern[] = "/tmp/angophora-door-XXXXXX";
    folder_ = mkdtemp(pattern);
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }

  // Made once: keys take their time.
  Identity identity() {
    return load_or_make_identity(folder_ + "/once", "walrus", runtime_).value();
  }
  Result<http::TlsIdentity> make(const std::string& names) {
    return make_door_identity(folder_ + "/once", identity().self(common::ServiceName("walrus-1")),
                              names, runtime_);
  }
  crypto::Certificate certificate(const std::string& names) {
    return crypto::Certificate::from_pem(make(names).value().certificate_pem).value();
  }
  static bool is_for_host(const crypto::Certificate& c, const std::string& name) {
    return X509_check_host(c.handle(), name.c_str(), 0, 0, nullptr) == 1;
  }
  static bool is_for_address(const crypto::Certificate& c, const std::string& address) {
    return X509_check_ip_asc(c.handle(), address.c_str(), 0) == 1;
  }

  common::SimWorld world_;
  common::SimRuntime runtime_{world_, "walrus"};
  static inline std::string folder_;
};

// What TLS clients do who trust the component's own certificate.
int verify(const crypto::Certificate& certificate, const crypto::Certificate& trusted,
           common::Runtime& runtime) {
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, trusted.handle());
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, certificate.handle(), nullptr);
  X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
  X509_STORE_CTX_set_time(
      context, 0,
      std::chrono::system_clock::to_time_t(
          std::chrono::time_point_cast<std::chrono::system_clock::duration>(runtime.now())));
  X509_verify_cert(context);
  const int error = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return error;
}

TEST_F(Doors, AnswerToTheirNamesAndNoOthers) {
  const auto c = certificate("s3.example.org,*.s3.example.org, 192.0.2.7 2001:db8::7");
  for (const char* name : {"s3.example.org", "photos.s3.example.org", "localhost"})
    EXPECT_TRUE(is_for_host(c, name)) << name;
  for (const char* address : {"192.0.2.7", "2001:db8::7", "127.0.0.1", "::1"})
    EXPECT_TRUE(is_for_address(c, address)) << address;
  EXPECT_FALSE(is_for_host(c, "a.photos.s3.example.org"));
  EXPECT_FALSE(is_for_host(c, "example.org"));
  EXPECT_FALSE(is_for_address(c, "192.0.2.8"));
}

TEST_F(Doors, AreTrustedThroughTheComponentsOwnCertificate) {
  const auto c = certificate("");
  EXPECT_EQ(verify(c, identity().signing_certificate, runtime_), X509_V_OK);
  EXPECT_NE(verify(c, identity().encryption_certificate, runtime_), X509_V_OK);
  EXPECT_EQ(X509_check_ca(c.handle()), 0) << "it could issue others";
}

TEST_F(Doors, KeepTheirKeyAndTakeNewNames) {
  const auto first = make("a.example.org").value(), second = make("b.example.org").value();
  EXPECT_EQ(first.private_key_pem, second.private_key_pem);
  EXPECT_NE(first.private_key_pem, identity().signing_key.pem());
  const auto c = crypto::Certificate::from_pem(second.certificate_pem).value();
  EXPECT_TRUE(is_for_host(c, "b.example.org"));
  EXPECT_FALSE(is_for_host(c, "a.example.org"));
}

TEST_F(Doors, SayWhichNameIsNone) {
  const auto made = make("two\nlines");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("two\nlines"), std::string::npos);
}

}  // namespace
}  // namespace angophora::registry
