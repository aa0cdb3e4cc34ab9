// Reads Signature Version 4 from the Authorization header or the query.
#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/sigv/canonical.h"

namespace angophora::sigv {
namespace {

using common::Error;

bool is_hex64(std::string_view text) {
  return text.size() == 64 && common::hex_decode(text).has_value();
}

// "AKID/20130524/us-east-1/s3/aws4_request"; the access key may hold slashes, the rest may not.
Result<> read_credential(std::string_view credential, Claim& claim) {
  std::string_view parts[4];
  for (int i = 3; i >= 0; --i) {
    const auto slash = credential.rfind('/');
    if (slash == std::string_view::npos)
      return malformed("the credential is not ACCESS-KEY/DATE/REGION/SERVICE/aws4_request");
    parts[i] = credential.substr(slash + 1);
    credential = credential.substr(0, slash);
  }
  if (credential.empty()) return malformed("the credential names no access key");
  if (parts[3] != kTerminatorV4) return malformed("the credential does not end with aws4_request");
  if (parts[0].size() != 8 || !common::parse_number<unsigned>(parts[0]))
    return malformed("the credential's date is not YYYYMMDD");
  claim.access_key = credential;
  claim.date = parts[0];
  claim.region = parts[1];
  claim.service = parts[2];
  return common::ok();
}

Result<> read_signed_headers(std::string_view list, const SignedRequest& request, Rules rules,
                             Claim& claim) {
  for (const auto name : common::split(list, ';')) {
    if (name.empty()) return malformed("SignedHeaders has an empty name");
    auto lower = common::to_lower(name);
    if (claim.covers_header(lower)) return malformed("SignedHeaders names '" + lower + "' twice");
    claim.signed_headers.push_back(std::move(lower));
    if (!request.header(name))
      return malformed("SignedHeaders names '" + std::string(name) +
                       "', which the request does not have");
  }
  if (!claim.covers_header("host")) return malformed("the host header is not signed");
  if (rules != Rules::s3) return common::ok();
  for (const auto& [name, value] : request.headers) {
    const auto lower = common::to_lower(name);
    // The hash stands in what is signed anyway.
    if (lower.starts_with("x-amz-") && lower != "x-amz-content-sha256" &&
        !claim.covers_header(lower))
      return malformed("the header " + lower + " is not signed");
  }
  return common::ok();
}

// The canonical request holds what the client sent; the claim what it means.
Result<> read_payload(const std::string& sent, Claim& claim) {
  if (sent == "UNSIGNED-PAYLOAD") {
    claim.payload = Payload::unsigned_payload;
  } else if (sent == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
    claim.payload = Payload::streaming_signed;
  } else if (sent == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    claim.payload = Payload::streaming_signed_trailer;
  } else if (sent == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    claim.payload = Payload::streaming_unsigned_trailer;
  } else if (is_hex64(sent)) {
    claim.payload = Payload::signed_hash;
    claim.payload_hash = common::to_lower(sent);
  } else {
    return malformed("x-amz-content-sha256 is neither a SHA-256 in hex nor one of the known words");
  }
  return common::ok();
}

std::string scope_of(const Claim& claim) {
  return claim.date + "/" + claim.region + "/" + claim.service + "/" + std::string(kTerminatorV4);
}

// Every way in which a client may have written down this request, the documented one first.
void write_strings_to_sign(const SignedRequest& request, Rules rules, std::string_view timestamp,
                           const std::string& payload_hash, Claim& claim) {
  std::vector<std::string> queries;
  for (const bool plus_is_space : {true, false}) {
    const auto query = parse_parameters(request.query(), plus_is_space);
    if (query) queries.push_back(canonical_query(*query, "X-Amz-Signature"));
    if (request.query().find('+') == std::string_view::npos) break;
  }
  for (const auto& path : canonical_paths(request.path(), rules)) {
    for (const auto& query : queries) {
      auto canonical =
          canonical_request_v4(request, path, query, claim.signed_headers, payload_hash);
      auto text = string_to_sign_v4(timestamp, scope_of(claim), canonical);
      if (claim.string_to_sign.empty()) {
        claim.string_to_sign = std::move(text);
        claim.canonical_request = std::move(canonical);
      } else {
        claim.string_to_sign_alternatives.push_back(std::move(text));
      }
    }
  }
}

Result<> read_time(std::string_view text, Claim& claim, std::string& timestamp) {
  auto time = common::parse_iso8601(text);
  if (!time) time = common::parse_http_date(text);
  if (!time) return malformed("the date '" + std::string(text) + "' cannot be read");
  claim.signed_at = *time;
  timestamp = common::format_iso8601_basic(*time);
  if (timestamp.substr(0, 8) != claim.date)
    return malformed("the credential's date " + claim.date + " is not that of the request, " +
                     timestamp.substr(0, 8));
  return common::ok();
}

// The value of `name` in "A=1, B=2".
std::optional<std::string_view> part_of(std::string_view text, std::string_view name) {
  for (auto part : common::split(text, ',')) {
    part = common::trim(part);
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=')
      return part.substr(name.size() + 1);
  }
  return std::nullopt;
}

}  // namespace

bool Claim::covers_header(std::string_view name) const {
  if (scheme != Scheme::v4_header && scheme != Scheme::v4_query) return true;
  return std::find(signed_headers.begin(), signed_headers.end(), name) != signed_headers.end();
}

Result<Claim> parse_v4_header(const SignedRequest& request, Rules rules) {
  auto text = request.header("authorization").value_or("");
  text.remove_prefix(kAlgorithmV4.size());
  const auto credential = part_of(text, "Credential");
  const auto signed_headers = part_of(text, "SignedHeaders");
  const auto signature = part_of(text, "Signature");
  if (!credential || !signed_headers || !signature)
    return malformed("the Authorization header needs Credential, SignedHeaders and Signature");
  Claim claim;
  claim.scheme = Scheme::v4_header;
  claim.signature = *signature;
  if (!is_hex64(claim.signature)) return malformed("the signature is not 64 hex digits");
  TRY_VOID(read_credential(*credential, claim));
  TRY_VOID(read_signed_headers(*signed_headers, request, rules, claim));

  auto date = request.header("x-amz-date");
  if (!date) date = request.header("date");
  if (!date) return malformed("the request has neither an X-Amz-Date nor a Date header");
  std::string timestamp;
  TRY_VOID(read_time(*date, claim, timestamp));
  claim.session_token = request.header("x-amz-security-token").value_or("");

  std::string payload =
      request.body_sha256.empty() ? std::string(kEmptySha256) : request.body_sha256;
  if (rules == Rules::s3) {
    const auto sent = request.header("x-amz-content-sha256");
    if (!sent) return malformed("the header x-amz-content-sha256 is missing");
    payload = common::trim(*sent);
  }
  TRY_VOID(read_payload(payload, claim));
  write_strings_to_sign(request, rules, timestamp, payload, claim);
  return claim;
}

Result<Claim> parse_v4_query(const SignedRequest& request, Rules rules,
                             const ParameterList& query) {
  const auto algorithm = value_of(query, "X-Amz-Algorithm");
  if (algorithm != kAlgorithmV4) {
    if (algorithm.empty()) return malformed("X-Amz-Algorithm is missing");
    return Error(SigErrc::unsupported, "the algorithm '" + algorithm + "' is not supported");
  }
  for (const char* name :
       {"X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"})
    if (!find_parameter(query, name)) return malformed(std::string(name) + " is missing");
  Claim claim;
  claim.scheme = Scheme::v4_query;
  claim.signature = value_of(query, "X-Amz-Signature");
  if (!is_hex64(claim.signature)) return malformed("the signature is not 64 hex digits");
  TRY_VOID(read_credential(value_of(query, "X-Amz-Credential"), claim));
  TRY_VOID(read_signed_headers(value_of(query, "X-Amz-SignedHeaders"), request, rules, claim));
  std::string timestamp;
  TRY_VOID(read_time(value_of(query, "X-Amz-Date"), claim, timestamp));
  claim.session_token = value_of(query, "X-Amz-Security-Token");

  const auto* expires = find_parameter(query, "X-Amz-Expires");
  if (!expires && rules == Rules::s3) return malformed("X-Amz-Expires is missing");
  std::chrono::seconds valid_for = kSkewMax;
  if (expires) {
    const auto seconds = common::parse_number<std::int64_t>(expires->value);
    if (!seconds || *seconds < 1 || std::chrono::seconds(*seconds) > kPresignedMax)
      return malformed("X-Amz-Expires must be a number from 1 to 604800");
    valid_for = std::chrono::seconds(*seconds);
  }
  claim.expires_at = claim.signed_at + valid_for;

  std::string payload =
      request.body_sha256.empty() ? std::string(kEmptySha256) : request.body_sha256;
  if (rules == Rules::s3) {
    payload = "UNSIGNED-PAYLOAD";
    if (const auto* p = find_parameter(query, "X-Amz-Content-Sha256")) payload = p->value;
    if (claim.covers_header("x-amz-content-sha256"))
      payload = common::trim(*request.header("x-amz-content-sha256"));
  }
  TRY_VOID(read_payload(payload, claim));
  write_strings_to_sign(request, rules, timestamp, payload, claim);
  return claim;
}

Result<std::string> access_key_of(std::string_view credential) {
  Claim claim;
  TRY_VOID(read_credential(credential, claim));
  return claim.access_key;
}

}  // namespace angophora::sigv
