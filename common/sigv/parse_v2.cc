// Reads Signature Version 2: that of the query APIs, and S3's own.
#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/sigv/canonical.h"

namespace angophora::sigv {
namespace {

using common::Error;

void add_string(Claim& claim, std::string text) {
  if (claim.string_to_sign.empty())
    claim.string_to_sign = std::move(text);
  else if (text != claim.string_to_sign)
    claim.string_to_sign_alternatives.push_back(std::move(text));
}

// Clients sign the path with or without a closing slash, whichever they send, and the host with or
// without its port.
void write_v2_strings(const SignedRequest& request, const ParameterList& parameters, Claim& claim) {
  const std::string host = common::to_lower(common::trim(request.header("host").value_or("")));
  std::vector<std::string> hosts{host};
  const auto colon = host.rfind(':');
  if (colon != std::string::npos && host.back() != ']') hosts.push_back(host.substr(0, colon));
  std::string path(request.path().empty() ? "/" : request.path());
  std::vector<std::string> paths{path};
  if (path != "/")
    paths.push_back(path.ends_with('/') ? path.substr(0, path.size() - 1) : path + "/");
  if (const auto decoded = common::percent_decode(path); decoded && *decoded != path)
    paths.push_back(*decoded);
  for (const auto& p : paths)
    for (const auto& h : hosts)
      add_string(claim, string_to_sign_v2(request.method, h, p, parameters));
}

Result<> read_v2_time(const ParameterList& parameters, Claim& claim) {
  const auto* timestamp = find_parameter(parameters, "Timestamp");
  const auto* expires = find_parameter(parameters, "Expires");
  if (!timestamp && !expires) return malformed("the request has neither Timestamp nor Expires");
  if (timestamp && expires) return malformed("the request has both Timestamp and Expires");
  const auto& text = timestamp ? timestamp->value : expires->value;
  const auto time = common::parse_iso8601(text);
  if (!time) return malformed("the time '" + text + "' cannot be read");
  if (timestamp)
    claim.signed_at = *time;
  else
    claim.expires_at = *time;
  return common::ok();
}

}  // namespace

Result<Claim> parse_v2_query(const SignedRequest& request, ParameterList parameters) {
  Claim claim;
  claim.scheme = Scheme::v2_query;
  const auto version = value_of(parameters, "SignatureVersion");
  if (version != "2")
    return Error(SigErrc::unsupported, "signature version '" + version + "' is not supported");
  const auto method = value_of(parameters, "SignatureMethod");
  claim.sha256 = method == "HmacSHA256";
  if (!claim.sha256 && method != "HmacSHA1")
    return Error(SigErrc::unsupported, "signature method '" + method + "' is not supported");
  claim.access_key = value_of(parameters, "AWSAccessKeyId");
  claim.signature = value_of(parameters, "Signature");
  claim.session_token = value_of(parameters, "SecurityToken");
  if (claim.access_key.empty()) return malformed("AWSAccessKeyId is missing");
  if (claim.signature.empty()) return malformed("Signature is missing");
  if (!request.header("host")) return malformed("the Host header is missing");
  TRY_VOID(read_v2_time(parameters, claim));
  write_v2_strings(request, parameters, claim);
  return claim;
}

Result<Claim> parse_s3_v2_header(const SignedRequest& request, const ParameterList& query) {
  auto text = request.header("authorization").value_or("");
  text = common::trim(text.substr(4));  // after "AWS "
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size())
    return malformed("the Authorization header is not AWS ACCESS-KEY:SIGNATURE");
  Claim claim;
  claim.scheme = Scheme::s3_v2_header;
  claim.sha256 = false;
  claim.payload = Payload::unsigned_payload;
  claim.access_key = text.substr(0, colon);
  claim.signature = text.substr(colon + 1);
  claim.session_token = request.header("x-amz-security-token").value_or("");

  const auto amz_date = request.header("x-amz-date");
  const auto date = request.header("date");
  if (!amz_date && !date)
    return malformed("the request has neither a Date nor an x-amz-date header");
  const auto when = common::trim(amz_date ? *amz_date : *date);
  auto time = common::parse_http_date(when);
  if (!time) time = common::parse_iso8601(when);
  if (!time) return malformed("the date '" + std::string(when) + "' cannot be read");
  claim.signed_at = *time;
  const auto date_line = amz_date ? std::string_view() : common::trim(*date);
  add_string(claim, string_to_sign_s3_v2(request, query, false, date_line));
  return claim;
}

Result<Claim> parse_s3_v2_query(const SignedRequest& request, const ParameterList& query) {
  Claim claim;
  claim.scheme = Scheme::s3_v2_query;
  claim.sha256 = false;
  claim.payload = Payload::unsigned_payload;
  claim.access_key = value_of(query, "AWSAccessKeyId");
  claim.signature = value_of(query, "Signature");
  // Base64 has no spaces: what looks like one was a plus sign that nobody escaped.
  std::replace(claim.signature.begin(), claim.signature.end(), ' ', '+');
  const auto expires = value_of(query, "Expires");
  if (claim.access_key.empty() || claim.signature.empty() || expires.empty())
    return malformed("query authentication needs AWSAccessKeyId, Signature and Expires");
  const auto seconds = common::parse_number<std::int64_t>(expires);
  constexpr std::int64_t kYear9999 = 253402300799;
  if (!seconds || *seconds < 0 || *seconds > kYear9999)
    return malformed("Expires is not a number of seconds since 1970");
  claim.expires_at = SysTime(std::chrono::seconds(*seconds));
  for (const auto& p : query)
    if (common::equal_ignore_case(p.name, "x-amz-security-token")) claim.session_token = p.value;
  if (const auto token = request.header("x-amz-security-token")) claim.session_token = *token;
  add_string(claim, string_to_sign_s3_v2(request, query, true, expires));
  return claim;
}

}  // namespace angophora::sigv
