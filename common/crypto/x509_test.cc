#include "common/crypto/x509.h"

#include <gtest/gtest.h>

#include "common/crypto/cms.h"
#include "common/crypto/digest.h"

namespace angophora::crypto {
namespace {

using common::Errc;
using common::SysTime;

struct Pair {
  PrivateKey key;
  Certificate certificate;
};

Pair make(const char* name) {
  auto key = PrivateKey::generate().assume_value();
  CertificateSubject subject;
  subject.common_name = name;
  subject.not_before = SysTime(std::chrono::seconds(1'700'000'000));
  subject.not_after = SysTime(std::chrono::seconds(2'700'000'000));
  subject.dns_names = {"clc.example"};
  subject.addresses = {"10.0.0.1", "::1"};
  subject.serial = "\xff\x02\x03";
  auto certificate = Certificate::self_signed(key, subject).assume_value();
  return {std::move(key), std::move(certificate)};
}
const Pair& clc() {
  static const Pair pair = make("clc");
  return pair;
}
const Pair& other() {
  static const Pair pair = make("other");
  return pair;
}

TEST(Certificates, SayWhatTheyWereMadeWith) {
  const auto& c = clc().certificate;
  EXPECT_EQ(c.subject(), "CN=clc,O=Angophora");
  EXPECT_EQ(c.common_name(), "clc");
  EXPECT_EQ(c.serial_hex(), "7f0203");
  EXPECT_EQ(c.not_before(), SysTime(std::chrono::seconds(1'700'000'000)));
  EXPECT_EQ(c.not_after(), SysTime(std::chrono::seconds(2'700'000'000)));
  EXPECT_TRUE(c.is_self_signed());
  EXPECT_EQ(c.public_key().der(), clc().key.public_key().der());
}

TEST(Certificates, TravelAsPemAndDer) {
  const auto& c = clc().certificate;
  EXPECT_EQ(Certificate::from_pem(c.pem()).assume_value().der(), c.der());
  EXPECT_EQ(Certificate::from_der(c.der()).assume_value().pem(), c.pem());
  EXPECT_EQ(c.sha256_thumbprint(), sha256(c.der()));
  EXPECT_EQ(c.sha1_thumbprint(), sha1(c.der()));
}

TEST(Certificates, RefuseJunkAndBytesBehindThem) {
  EXPECT_EQ(Certificate::from_pem("nothing").assume_error().code, Errc::corrupt);
  EXPECT_EQ(Certificate::from_der("").assume_error().code, Errc::corrupt);
  EXPECT_EQ(Certificate::from_der(clc().certificate.der() + "x").assume_error().code,
            Errc::corrupt);
}

TEST(Certificates, RefuseNamesThatBringFurtherNames) {
  CertificateSubject subject;
  subject.common_name = "x";
  subject.dns_names = {"a,DNS:b"};
  EXPECT_EQ(Certificate::self_signed(clc().key, subject).assume_error().code,
            Errc::invalid_argument);
}

TEST(CmsSignature, AttachedHoldsItsData) {
  const auto cms =
      cms_sign("{\"instanceId\":1}\n", clc().key, clc().certificate, CmsContent::attached)
          .assume_value();
  EXPECT_EQ(cms_verify(cms, clc().certificate).assume_value(), "{\"instanceId\":1}\n");
  EXPECT_EQ(cms_verify(cms, other().certificate).assume_error().code, Errc::corrupt);
  EXPECT_FALSE(cms_verify(cms, clc().certificate, "other data"));
}

TEST(CmsSignature, DetachedNeedsTheSameData) {
  const auto cms =
      cms_sign("data", clc().key, clc().certificate, CmsContent::detached, false).assume_value();
  EXPECT_TRUE(cms_verify(cms, clc().certificate, "data"));
  EXPECT_FALSE(cms_verify(cms, clc().certificate, "Data"));
  EXPECT_FALSE(cms_verify("junk", clc().certificate, "data"));
}

}  // namespace
}  // namespace angophora::crypto
