#include "common/sigv/sign.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/sigv/canonical.h"

namespace angophora::sigv {
namespace {

using common::percent_encode;

// Proxies and HTTP libraries change these on the way.
bool stays_unsigned(std::string_view name) {
  static constexpr std::string_view kNames[] = {
      "authorization",     "connection",     "expect",         "user-agent",
      "transfer-encoding", "content-length", "x-amzn-trace-id"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

void set_header(SignedRequest& request, std::string name, std::string value) {
  std::erase_if(request.headers, [&name](const auto& field) {
    return common::equal_ignore_case(field.first, name);
  });
  request.headers.emplace_back(std::move(name), std::move(value));
}

std::vector<std::string> names_to_sign(const SignedRequest& request) {
  std::vector<std::string> names;
  for (const auto& field : request.headers)
    if (auto name = common::to_lower(field.first); !stays_unsigned(name)) names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ";") + name;
  return out;
}

// What the body of this request is said to be.
std::string payload_hash_of(const SignedRequest& request, Rules rules) {
  if (rules == Rules::s3)
    if (const auto sent = request.header("x-amz-content-sha256")) return std::string(*sent);
  if (!request.body_sha256.empty()) return request.body_sha256;
  return std::string(rules == Rules::s3 ? kUnsignedPayload : kEmptySha256);
}

struct Stamp {
  std::string timestamp, date, scope;
};
Stamp stamp_of(const Scope& scope, SysTime now) {
  Stamp stamp;
  stamp.timestamp = common::format_iso8601_basic(now);
  stamp.date = stamp.timestamp.substr(0, 8);
  stamp.scope =
      stamp.date + "/" + scope.region + "/" + scope.service + "/" + std::string(kTerminatorV4);
  return stamp;
}

std::string signature_v4(const Credentials& who, const Scope& scope, const Stamp& stamp,
                         const std::string& canonical_request) {
  const auto key = signing_key_v4(who.secret_key, stamp.date, scope.region, scope.service);
  const auto text = string_to_sign_v4(stamp.timestamp, stamp.scope, canonical_request);
  return common::hex_encode(crypto::hmac_sha256(key, text));
}

}  // namespace

std::string signing_key_v4(const std::string& secret, std::string_view date,
                           std::string_view region, std::string_view service) {
  auto key = crypto::hmac_sha256("AWS4" + secret, date);
  key = crypto::hmac_sha256(key, region);
  key = crypto::hmac_sha256(key, service);
  return crypto::hmac_sha256(key, kTerminatorV4);
}

void sign_v4(SignedRequest& request, const Credentials& who, const Scope& scope, SysTime now) {
  const auto stamp = stamp_of(scope, now);
  const auto payload = payload_hash_of(request, scope.rules);
  set_header(request, "X-Amz-Date", stamp.timestamp);
  if (scope.rules == Rules::s3) set_header(request, "X-Amz-Content-Sha256", payload);
  if (!who.session_token.empty()) set_header(request, "X-Amz-Security-Token", who.session_token);
  const auto names = names_to_sign(request);
  const auto query = parse_parameters(request.query(), false).value_or(ParameterList{});
  const auto path = canonical_paths(request.path(), scope.rules).front();
  const auto signature =
      signature_v4(who, scope, stamp,
                   canonical_request_v4(request, path, canonical_query(query, ""), names, payload));
  set_header(request, "Authorization",
             std::string(kAlgorithmV4) + " Credential=" + who.access_key + "/" + stamp.scope +
                 ", SignedHeaders=" + join(names) + ", Signature=" + signature);
}

std::string presign_v4(const SignedRequest& request, const Credentials& who, const Scope& scope,
                       SysTime now, std::chrono::seconds valid_for) {
  const auto stamp = stamp_of(scope, now);
  const auto names = names_to_sign(request);
  auto query = parse_parameters(request.query(), false).value_or(ParameterList{});
  auto add = [&query](const char* name, std::string value) {
    query.push_back({name, std::move(value), true});
  };
  add("X-Amz-Algorithm", std::string(kAlgorithmV4));
  add("X-Amz-Credential", who.access_key + "/" + stamp.scope);
  add("X-Amz-Date", stamp.timestamp);
  add("X-Amz-Expires", std::to_string(valid_for.count()));
  add("X-Amz-SignedHeaders", join(names));
  if (!who.session_token.empty()) add("X-Amz-Security-Token", who.session_token);
  const auto canonical = canonical_query(query, "");
  const auto path = canonical_paths(request.path(), scope.rules).front();
  const auto payload = std::string(scope.rules == Rules::s3 ? kUnsignedPayload : kEmptySha256);
  const auto signature = signature_v4(
      who, scope, stamp, canonical_request_v4(request, path, canonical, names, payload));
  return std::string(request.path()) + "?" + canonical + "&X-Amz-Signature=" + signature;
}

void sign_v2(SignedRequest& request, const Credentials& who, SysTime now, bool sha256) {
  const bool in_form = request.method == "POST";
  std::string& place = in_form ? request.form : request.target;
  auto add = [&](std::string_view name, std::string_view value) {
    const bool first = in_form ? place.empty() : place.find('?') == std::string::npos;
    if (first && !in_form) place += '?';
    if (!first) place += '&';
    place += percent_encode(name) + "=" + percent_encode(value);
  };
  add("AWSAccessKeyId", who.access_key);
  add("SignatureVersion", "2");
  add("SignatureMethod", sha256 ? "HmacSHA256" : "HmacSHA1");
  add("Timestamp", common::format_iso8601(now));
  if (!who.session_token.empty()) add("SecurityToken", who.session_token);
  auto parameters = parse_parameters(request.query(), false).value_or(ParameterList{});
  for (auto& p : parse_parameters(request.form, true).value_or(ParameterList{}))
    parameters.push_back(std::move(p));
  const auto host = common::to_lower(request.header("host").value_or(""));
  const auto path = request.path().empty() ? std::string_view("/") : request.path();
  const auto text = string_to_sign_v2(request.method, host, path, parameters);
  add("Signature", common::base64_encode(sha256 ? crypto::hmac_sha256(who.secret_key, text)
                                                : crypto::hmac_sha1(who.secret_key, text)));
}

void sign_s3_v2(SignedRequest& request, const Credentials& who, SysTime now) {
  if (!request.header("date") && !request.header("x-amz-date"))
    set_header(request, "Date", common::format_http_date(now));
  if (!who.session_token.empty()) set_header(request, "x-amz-security-token", who.session_token);
  const auto query = parse_parameters(request.query(), true).value_or(ParameterList{});
  const auto date =
      request.header("x-amz-date") ? std::string_view() : request.header("date").value_or("");
  const auto text = string_to_sign_s3_v2(request, query, false, date);
  set_header(request, "Authorization",
             "AWS " + who.access_key + ":" +
                 common::base64_encode(crypto::hmac_sha1(who.secret_key, text)));
}

}  // namespace angophora::sigv
