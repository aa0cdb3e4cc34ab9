// X.509 certificates. Components pin each other's self-signed certificates by thumbprint; nothing
// here builds or judges chains. A Certificate is a cheap handle that never changes. Any thread.
//
// Errors: Errc::corrupt for what is not a certificate.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/crypto/rsa.h"

struct x509_st;

namespace angophora::crypto {

// What a certificate says of its owner.
struct CertificateSubject {
  std::string common_name;
  std::string organization = "Angophora";
  common::SysTime not_before{};
  common::SysTime not_after{};
  // Of the subjectAltName extension: names and numeric addresses TLS clients may look for.
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
  // Up to 20 bytes, unique per issuer; usually Runtime::random_bytes(16).
  std::string serial;
};

class Certificate {
 public:
  static Result<Certificate> from_pem(std::string_view pem);
  static Result<Certificate> from_der(std::string_view der);
  static Result<Certificate> self_signed(const PrivateKey& key, const CertificateSubject& subject);
  // Signed by `issuer`, whose key is `issuer_key`; good for a TLS server of the subject's names and
  // for nothing else.
  static Result<Certificate> for_tls_server(const PrivateKey& key,
                                            const CertificateSubject& subject,
                                            const PrivateKey& issuer_key,
                                            const Certificate& issuer);

  std::string pem() const;
  std::string der() const;
  std::string sha1_thumbprint() const;    // raw, 20 bytes, of the DER form
  std::string sha256_thumbprint() const;  // raw, 32 bytes
  PublicKey public_key() const;
  std::string subject() const;      // RFC 2253 text: CN=clc,O=Angophora
  std::string common_name() const;  // empty when there is none
  std::string serial_hex() const;
  common::SysTime not_before() const;
  common::SysTime not_after() const;
  bool is_self_signed() const;

  explicit Certificate(std::shared_ptr<x509_st> certificate)
      : certificate_(std::move(certificate)) {}
  x509_st* handle() const { return certificate_.get(); }

 private:
  std::shared_ptr<x509_st> certificate_;
};

}  // namespace angophora::crypto
