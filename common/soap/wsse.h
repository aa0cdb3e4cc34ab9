// WS-Security as the daemons use it: X.509 by thumbprint, RSA-SHA256, exclusive canonical XML, one
// exact shape. Signing builds that shape; verifying accepts nothing else. Any thread; both take
// some hundred microseconds, so they belong on the pool.
//
// An envelope holds, and its one signature covers each of: wsa:To, wsa:Action, wsa:MessageID, in
// answers (and to meet a challenge) wsa:RelatesTo, wsu:Timestamp, and the Body with one element.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/time.h"
#include "common/crypto/rsa.h"
#include "common/soap/fault.h"

namespace angophora::soap {

using common::SysTime;

inline constexpr std::string_view kFaultAction = "http://www.w3.org/2005/08/addressing/fault";
inline constexpr std::string_view kAnonymous = "http://www.w3.org/2005/08/addressing/anonymous";

// What the signature vouches for besides the Body.
struct Addressing {
  std::string to;
  std::string action;
  std::string message_id;
  std::string relates_to;  // empty: none
  SysTime created{};
  SysTime expires{};
};

// The signed envelope around `body_xml`, one element in exclusive canonical form.
// `thumbprint` is the raw SHA-1 of the signer's certificate.
Result<std::string> sign_envelope(const Addressing& addressing, std::string_view body_xml,
                                  const crypto::PrivateKey& key, std::string_view thumbprint);

// What was signed, and by whom.
struct VerifiedEnvelope {
  std::string thumbprint;  // raw SHA-1 of the signer's certificate
  Addressing addressing;
  std::string body;        // the Body element: the very bytes that were hashed
  std::string body_space;  // namespace of the one element in it
  std::string body_name;   // its local name

  // The one element in the Body, as it stands in `body`. Complete by itself unless it uses the
  // prefix of the Body, as a fault does.
  std::string_view content() const;
};

// The public key pinned for a thumbprint; nothing when there is none.
using KeyOfThumbprint = std::function<std::optional<crypto::PublicKey>(std::string_view)>;

// SoapErrc::malformed, bad_signature or unknown_signer, with the check that failed in the message.
// Freshness, replay, To and Action are for the caller to judge (policy.h).
Result<VerifiedEnvelope> verify_envelope(std::string_view xml, const KeyOfThumbprint& key_of);

// The wsa:MessageID of a message that may not be trusted, so that a refusal can name it. Empty
// when there is none of a sane length.
std::string claimed_message_id(std::string_view xml);

}  // namespace angophora::soap
