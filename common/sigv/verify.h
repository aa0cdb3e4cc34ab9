// Verifies what clients sign: Signature Version 4 (header and presigned), Version 2 of the query
// APIs, and S3's own Version 2. Two steps, because the secret is found by what the first one reads:
//
//   TRY(auto claim, sigv::parse(request, sigv::Rules::s3));
//   ... look up claim.access_key, check claim.session_token ...
//   TRY_VOID(sigv::verify(claim, secret, runtime.now()));
//
// Any region and service text is accepted in a V4 scope. Pure functions, any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/sigv/request.h"

namespace angophora::sigv {

enum class Scheme { v4_header, v4_query, v2_query, s3_v2_header, s3_v2_query };

// What the body of the request must be for the signature to hold.
enum class Payload {
  signed_hash,                // its SHA-256 is Claim::payload_hash
  unsigned_payload,           // anything
  streaming_signed,           // aws-chunked, each chunk signed
  streaming_signed_trailer,   // the same, and a signed trailer
  streaming_unsigned_trailer  // aws-chunked, nothing signed, a trailer with a checksum
};

struct Claim {
  Scheme scheme = Scheme::v4_header;
  std::string access_key;
  std::string session_token;      // empty when the client sent none
  std::string signature;          // as sent: hex for V4, base64 for V2
  std::string string_to_sign;     // by the documented rules; S3 shows it in its error
  std::string canonical_request;  // V4 only
  // The same request as clients that encode paths, ports or plus signs otherwise write it down.
  std::vector<std::string> string_to_sign_alternatives;

  SysTime signed_at{};
  std::optional<SysTime> expires_at;  // presigned requests and V2's Expires

  // V4 only.
  std::string date, region, service;
  std::vector<std::string> signed_headers;  // lower case, sorted
  Payload payload = Payload::signed_hash;
  std::string payload_hash;  // hex; of Payload::signed_hash

  bool sha256 = true;  // V2: HmacSHA256 or HmacSHA1

  // True when `name` (lower case) is covered; all but V4 header signatures cover what they must.
  bool covers_header(std::string_view name) const;
};

inline constexpr std::chrono::minutes kSkewMax{15};
inline constexpr std::chrono::hours kPresignedMax{7 * 24};

// Reads the signature and works out the string to sign. SigErrc::missing for an anonymous request.
// V4 requires `host` among the signed headers, and for S3 every x-amz- header that was sent.
Result<Claim> parse(const SignedRequest& request, Rules rules);

// SigErrc::mismatch, skewed or expired; the sentence is fit for the client.
Result<> verify(const Claim& claim, const std::string& secret, SysTime now);

// S3's POST forms: `policy` is the form's field as sent (base64), `signature` its
// x-amz-signature and `credential` its x-amz-credential. The policy's conditions and expiry are
// the caller's business.
Result<> verify_post_policy(std::string_view policy, std::string_view credential,
                            std::string_view signature, const std::string& secret);
// The access key of a credential "AKID/date/region/service/aws4_request".
Result<std::string> access_key_of(std::string_view credential);

}  // namespace angophora::sigv
