// A SOAP message of a user, as Amazon's EC2 command lines and other WS-Security clients sign it:
// X.509, the signature over Timestamp and Body. The certificate that the message brings, or names
// by its thumbprint, only says which key of our own table to look for; see
// docs/decisions/0006-soap-of-users.md for what is accepted and why.
//
//   TRY(const auto message, UserMessage::read(bytes));
//   ... the certificate that we keep for message.thumbprint() ...
//   TRY(const auto verified, message.verify(certificate));
//
// Errors: soap::SoapErrc::malformed, bad_signature or unknown_signer with the check that failed.
// Freshness and replay are for the caller to judge. Any thread; both calls belong on the pool.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/crypto/x509.h"
#include "common/soap/xml_signature.h"

namespace angophora::clc {

using common::Result;
using common::SysTime;

// What was signed.
struct VerifiedUserMessage {
  std::string digest;      // of what the signature covers: the same for the same message sent twice
  std::string body;        // the Body element: the very bytes that were hashed
  std::string body_space;  // namespace of the one element in it
  std::string body_name;   // its local name
};

class UserMessage {
 public:
  // Checks the shape; nothing in it is to be trusted yet.
  static Result<UserMessage> read(std::string_view xml);

  // Raw SHA-1 of the certificate that the message says it was signed with.
  const std::string& thumbprint() const { return thumbprint_; }
  // Signed, so to be trusted once verify() succeeded.
  SysTime created() const { return created_; }
  SysTime expires() const { return expires_; }
  // `pinned` is the certificate of our table that has this thumbprint.
  Result<VerifiedUserMessage> verify(const crypto::Certificate& pinned) const;

 private:
  UserMessage() = default;
  Result<> read_header(const xmlNode* header);
  Result<> read_key();

  soap::XmlDocument document_;
  soap::SignedShape shape_;
  soap::Signature signature_;
  xmlNode* token_ = nullptr;  // null: the message names the thumbprint alone
  std::string token_der_;
  std::string thumbprint_;
  SysTime created_{}, expires_{};
};

}  // namespace angophora::clc
