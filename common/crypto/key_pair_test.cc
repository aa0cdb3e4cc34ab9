#include "common/crypto/key_pair.h"

#include <gtest/gtest.h>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace angophora::crypto {
namespace {

// Made with ssh-keygen; fingerprints computed with the openssl and ssh-keygen commands.
const std::string kRsaLine =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCoxlcpgoJSns8XbkWM3LqpGe4T673ihJsX006WRydi"
    "1skgP9qx1CoN1HmRKhV30AivaYPfedCNy8ZEZ4l4kSGaDDaOL0X+/8vZ/weEKWV1VdTKQ2kcLzq5hPT+"
    "cCXEsx057m4nCMAunm00bpxmo6h9W8IAbpB7E3lk6UrRUHzirfk82VJYUk4SCWKuf1i/hWr0zz9vaZQ/"
    "53fcHDVNfiKEsUgh4a7XDdrSWw2S2tJo7UppxsBg8CBDuwCROxMRdokDowrnxaP0VGzVWc+Sb788RESh"
    "BGuK11hrdHoqpj3c29NUazJknJ9ddu3yX8W5vIxKq9qaSsyoqD7w2O2o0xw5 alice@example";
const std::string kRsaPem =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqMZXKYKCUp7PF25FjNy6\n"
    "qRnuE+u94oSbF9NOlkcnYtbJID/asdQqDdR5kSoVd9AIr2mD33nQjcvGRGeJeJEh\n"
    "mgw2ji9F/v/L2f8HhClldVXUykNpHC86uYT0/nAlxLMdOe5uJwjALp5tNG6cZqOo\n"
    "fVvCAG6QexN5ZOlK0VB84q35PNlSWFJOEglirn9Yv4Vq9M8/b2mUP+d33Bw1TX4i\n"
    "hLFIIeGu1w3a0lsNktrSaO1KacbAYPAgQ7sAkTsTEXaJA6MK58Wj9FRs1VnPkm+/\n"
    "PEREoQRritdYa3R6KqY93NvTVGsyZJyfXXbt8l/FubyMSqvamkrMqKg+8NjtqNMc\n"
    "OQIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
const std::string kRsaSsh2 =
    "---- BEGIN SSH2 PUBLIC KEY ----\r\n"
    "Comment: \"converted\"\r\n"
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQCoxlcpgoJSns8XbkWM3LqpGe4T673ihJsX006WRy\r\n"
    "di1skgP9qx1CoN1HmRKhV30AivaYPfedCNy8ZEZ4l4kSGaDDaOL0X+/8vZ/weEKWV1VdTK\r\n"
    "Q2kcLzq5hPT+cCXEsx057m4nCMAunm00bpxmo6h9W8IAbpB7E3lk6UrRUHzirfk82VJYUk\r\n"
    "4SCWKuf1i/hWr0zz9vaZQ/53fcHDVNfiKEsUgh4a7XDdrSWw2S2tJo7UppxsBg8CBDuwCR\r\n"
    "OxMRdokDowrnxaP0VGzVWc+Sb788REShBGuK11hrdHoqpj3c29NUazJknJ9ddu3yX8W5vI\r\n"
    "xKq9qaSsyoqD7w2O2o0xw5\r\n"
    "---- END SSH2 PUBLIC KEY ----\r\n";
const std::string kEd25519Line =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDtVyh1+qqF9EGBZjhoQr9EEZsGsYNwHGzy4fPYEeo6d"
    " bob";
const std::string kEcdsaLine =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAmO6T2d"
    "Zpu2iCha+TR/iDLzrKPZrPIKMpE1Gc/nnuFv8+evIbvYWSVwLH+Fe9vlnPV9a4kxVcnMNtQTkwvzTQQ="
    " carol";
const char kRsaFingerprint[] = "c4:b8:9a:10:f1:cc:dd:96:8e:db:d3:e1:a2:80:b6:d3";

TEST(SshKeys, ReadsALineOfEachKind) {
  const auto rsa = parse_ssh_public_key(kRsaLine + "\n").assume_value();
  EXPECT_EQ(rsa.kind, SshKeyKind::rsa);
  EXPECT_EQ(rsa.comment, "alice@example");
  EXPECT_EQ(rsa.line(), kRsaLine);
  EXPECT_EQ(parse_ssh_public_key(kEd25519Line).assume_value().kind, SshKeyKind::ed25519);
  EXPECT_EQ(parse_ssh_public_key(kEcdsaLine).assume_value().kind, SshKeyKind::ecdsa);
}

TEST(SshKeys, ReadsTheSameRsaKeyInEveryFormat) {
  const auto blob = parse_ssh_public_key(kRsaLine).assume_value().blob;
  EXPECT_EQ(parse_ssh_public_key(kRsaPem).assume_value().blob, blob);
  EXPECT_EQ(parse_ssh_public_key(kRsaSsh2).assume_value().blob, blob);
  EXPECT_EQ(parse_ssh_public_key(kRsaSsh2).assume_value().comment, "converted");
  const auto der = PublicKey::from_pem(kRsaPem).assume_value().der();
  EXPECT_EQ(parse_ssh_public_key(der).assume_value().blob, blob);
  EXPECT_EQ(parse_ssh_public_key(common::base64_encode(der)).assume_value().blob, blob);
}

TEST(SshKeys, HaveTheFingerprintsThatEc2Shows) {
  EXPECT_EQ(imported_key_fingerprint(parse_ssh_public_key(kRsaLine).assume_value()).assume_value(),
            kRsaFingerprint);
  EXPECT_EQ(
      imported_key_fingerprint(parse_ssh_public_key(kEd25519Line).assume_value()).assume_value(),
      "PwnwjMzwmI9fA8b/AxZAWTEdt7de/4oQ8mRmHDySvJE=");
}

TEST(SshKeys, AMadeKeyHasItsLineAndTheFingerprintOfItsPrivateHalf) {
  const auto key = PrivateKey::generate().assume_value();
  const auto ssh = ssh_public_key_of(key.public_key(), "mykey").assume_value();
  EXPECT_EQ(parse_ssh_public_key(ssh.line()).assume_value().blob, ssh.blob);
  std::string base64 = key.pem();
  base64 = base64.substr(base64.find('\n'));
  base64 = base64.substr(0, base64.find("-----"));
  const auto hex = common::hex_encode(sha1(*common::base64_decode(base64)));
  const auto fingerprint = created_key_fingerprint(key);
  ASSERT_EQ(fingerprint.size(), 59u);
  for (std::size_t i = 0; i < 20; ++i)
    EXPECT_EQ(fingerprint.substr(i * 3, 2), hex.substr(i * 2, 2));
}

TEST(SshKeys, RefusesWhatCannotBeUsed) {
  const std::string blob = kRsaLine.substr(8, 372);
  for (const std::string& text :
       {std::string(), std::string("  \n"), std::string("ssh-rsa"), std::string("ssh-rsa !!!!"),
        std::string("ssh-dss AAAAB3NzaC1kc3M="), "ssh-ed25519 " + blob, kRsaLine.substr(0, 200),
        kRsaLine + "\n" + kEd25519Line, std::string("hello world"), kEd25519Line.substr(0, 60),
        std::string("-----BEGIN PUBLIC KEY-----\nAA\n"), std::string(20000, 'A')}) {
    const auto key = parse_ssh_public_key(text);
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.assume_error().code, common::Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace angophora::crypto
