#include "walrus/http/authenticate.h"

#include "common/base/text.h"
#include "common/base/time.h"

namespace angophora::walrus {
namespace {

using sigv::SigErrc;

sigv::SignedRequest signed_request_of(const S3Call& call) {
  sigv::SignedRequest request;
  request.method = call.http.method;
  request.target = call.http.target;
  for (const auto& [name, value] : call.http.headers) request.headers.emplace_back(name, value);
  // Version 2 signs the bucket of the Host name in front of the path.
  const auto path_target = parse_target("", call.http.path(), "");
  if (path_target && path_target.value() != call.target) request.bucket = call.target.bucket;
  return request;
}

bool is_query_signed(const S3Call& call) {
  return call.parameter("X-Amz-Algorithm") || call.parameter("Signature") ||
         call.parameter("X-Amz-Signature");
}

// Whether X-Amz-Expires is 1 to 604800 seconds.
bool is_expiry_in_range(const S3Call& call) {
  const auto text = call.parameter("X-Amz-Expires");
  if (!text) return true;
  const auto seconds = common::parse_number<std::int64_t>(*text);
  return seconds && *seconds >= 1 && *seconds <= 604800;
}

// S3's name for what is wrong with a signature.
Error s3_error(const Error& error, const S3Call& call) {
  const auto is = [&](SigErrc e) { return error.code == make_error_code(e); };
  if (is(SigErrc::mismatch))
    return Error(S3Errc::signature_does_not_match,
                 "The request signature we calculated does not match the signature you provided. "
                 "Check your key and signing method.");
  if (is(SigErrc::skewed))
    return Error(S3Errc::request_time_too_skewed,
                 "The difference between the request time and the current time is too large.");
  if (is(SigErrc::expired)) return Error(S3Errc::access_denied, "Request has expired");
  if (is(SigErrc::unsupported)) return Error(S3Errc::invalid_request, error.message);
  if (is_query_signed(call) && !is_expiry_in_range(call))
    return Error(S3Errc::access_denied, error.message);
  if (is_query_signed(call))
    return Error(S3Errc::authorization_query_parameters_error, error.message);
  if (call.header("authorization").starts_with("AWS4"))
    return Error(S3Errc::authorization_header_malformed, error.message);
  if (call.header("authorization").empty()) return Error(S3Errc::access_denied, "Access Denied");
  return Error(S3Errc::invalid_argument, error.message);
}

std::vector<std::pair<std::string, std::string>> details_of(const Error& error,
                                                            const sigv::Claim& claim) {
  if (error.code != make_error_code(S3Errc::signature_does_not_match)) return {};
  std::vector<std::pair<std::string, std::string>> details = {
      {"AWSAccessKeyId", claim.access_key},
      {"StringToSign", claim.string_to_sign},
      {"SignatureProvided", claim.signature}};
  if (!claim.canonical_request.empty())
    details.emplace_back("CanonicalRequest", claim.canonical_request);
  return details;
}

// Version 2 in a header needs a date that can be read, or it is no authentication at all.
bool lacks_date(const S3Call& call) {
  const auto authorization = call.header("authorization");
  if (!authorization.starts_with("AWS ") || authorization.find(':') == std::string_view::npos)
    return false;
  const auto text = call.has_header("x-amz-date") ? call.header("x-amz-date") : call.header("date");
  auto date = common::parse_http_date(text);
  if (!date) date = common::parse_iso8601(text);
  return !date || date->time_since_epoch().count() < 0;
}

bool is_v2(const sigv::Claim& claim) {
  return claim.scheme == sigv::Scheme::s3_v2_header || claim.scheme == sigv::Scheme::s3_v2_query;
}

// Verifies the call's claim. Under Version 2 some clients sign "/bucket/" when they ask for
// "/bucket", as it would stand in virtual-host style; such a signature names the same bucket.
Result<> verify(Services& services, const S3Call& call, sigv::SignedRequest request,
                const std::string& secret) {
  const auto now = services.runtime.now();
  auto verified = sigv::verify(*call.claim, secret, now);
  if (verified || verified.error().code != make_error_code(SigErrc::mismatch)) return verified;
  const bool bare_bucket = call.target.key.empty() && !call.http.path().ends_with('/');
  if (!is_v2(*call.claim) || !bare_bucket) return verified;
  request.target.insert(call.http.path().size(), "/");
  const auto other = sigv::parse(request, sigv::Rules::s3);
  if (other && sigv::verify(other.value(), secret, now)) return common::ok();
  return verified;
}

}  // namespace

boost::asio::awaitable<std::optional<Refusal>> authenticate(Services& services, S3Call& call) {
  if (lacks_date(call)) {
    Error error(S3Errc::access_denied,
                "AWS authentication requires a valid Date or x-amz-date header");
    co_return Refusal{std::move(error), {}};
  }
  auto request = signed_request_of(call);
  auto claim = sigv::parse(request, sigv::Rules::s3);
  if (!claim) {
    if (claim.error().code == make_error_code(SigErrc::missing)) co_return std::nullopt;
    co_return Refusal{s3_error(claim.error(), call), {}};
  }
  call.claim = std::move(claim).assume_value();
  const auto access_key = call.claim->access_key;
  const auto session_token = call.claim->session_token;
  auto credential = co_await services.identities.credential(access_key, session_token);
  if (!credential) co_return Refusal{std::move(credential).assume_error(), {}};
  const auto verified = verify(services, call, std::move(request), credential.value().secret);
  if (!verified) {
    auto error = s3_error(verified.error(), call);
    auto details = details_of(error, *call.claim);
    co_return Refusal{std::move(error), std::move(details)};
  }
  set_caller(call, std::move(credential).assume_value());
  co_return std::nullopt;
}

void set_caller(S3Call& call, Credential known) {
  call.secret = std::move(known.secret);
  call.caller = {known.account.id, known.account.canonical_id, known.account.name,
                 std::move(known.principal), std::move(known.policies)};
}

}  // namespace angophora::walrus
