#include "common/sigv/verify.h"

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/sigv/canonical.h"
#include "common/sigv/sign.h"

namespace angophora::sigv {
namespace {

using common::equal_constant_time;
using common::Error;

bool is_v4(Scheme scheme) { return scheme == Scheme::v4_header || scheme == Scheme::v4_query; }

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() > word.size() &&
         common::equal_ignore_case(text.substr(0, word.size()), word) && text[word.size()] == ' ';
}

Result<Claim> parse_header(const SignedRequest& request, Rules rules, const ParameterList& query) {
  const auto text = request.header("authorization").value_or("");
  if (starts_with_word(text, kAlgorithmV4)) return parse_v4_header(request, rules);
  if (rules == Rules::s3 && starts_with_word(text, "AWS"))
    return parse_s3_v2_header(request, query);
  return Error(SigErrc::unsupported, "the Authorization header is of a kind that is not supported");
}

Result<> check_time(const Claim& claim, SysTime now) {
  const bool dated = claim.signed_at != SysTime{};
  if (dated && claim.signed_at - now > kSkewMax)
    return Error(SigErrc::skewed,
                 "the request was signed at " + common::format_iso8601(claim.signed_at) +
                     ", which has not come yet: it is " + common::format_iso8601(now));
  if (claim.expires_at) {
    if (now > *claim.expires_at)
      return Error(SigErrc::expired,
                   "the request expired at " + common::format_iso8601(*claim.expires_at));
  } else if (!dated || now - claim.signed_at > kSkewMax) {
    return Error(SigErrc::skewed,
                 "the request was signed at " + common::format_iso8601(claim.signed_at) +
                     ", more than 15 minutes before " + common::format_iso8601(now));
  }
  return common::ok();
}

}  // namespace

Result<Claim> parse(const SignedRequest& request, Rules rules) {
  // A plus sign in the query of a request is a space, but for V4 both readings are tried.
  auto query = parse_parameters(request.query(), true);
  if (!query) return malformed("the query string is broken");
  const bool v4_query =
      find_parameter(*query, "X-Amz-Algorithm") || find_parameter(*query, "X-Amz-Signature");
  const bool v2_query =
      find_parameter(*query, "AWSAccessKeyId") && find_parameter(*query, "Signature");
  const auto header = request.header("authorization");
  if (header && (v4_query || (v2_query && rules == Rules::s3)))
    return malformed("the request is signed in its header and in its query");
  if (header) return parse_header(request, rules, *query);
  if (v4_query) return parse_v4_query(request, rules, *query);
  if (rules == Rules::s3) {
    if (v2_query) return parse_s3_v2_query(request, *query);
    return Error(SigErrc::missing, "the request is not signed");
  }
  auto form = parse_parameters(request.form, true);
  if (!form) return malformed("the form is broken");
  for (auto& p : *form) query->push_back(std::move(p));
  if (find_parameter(*query, "Signature") || find_parameter(*query, "AWSAccessKeyId"))
    return parse_v2_query(request, std::move(*query));
  return Error(SigErrc::missing, "the request is not signed");
}

Result<> verify(const Claim& claim, const std::string& secret, SysTime now) {
  TRY_VOID(check_time(claim, now));
  std::string key = secret, given = claim.signature;
  if (is_v4(claim.scheme)) {
    key = signing_key_v4(secret, claim.date, claim.region, claim.service);
    given = common::hex_decode(claim.signature).value_or("");
  } else {
    given = common::base64_decode(claim.signature).value_or("");
  }
  auto fits = [&](const std::string& text) {
    return equal_constant_time(
        claim.sha256 ? crypto::hmac_sha256(key, text) : crypto::hmac_sha1(key, text), given);
  };
  bool good = fits(claim.string_to_sign);
  for (const auto& text : claim.string_to_sign_alternatives) good = good || fits(text);
  if (good) return common::ok();
  return Error(
      SigErrc::mismatch,
      "the signature does not match the request and the secret key of " + claim.access_key);
}

Result<> verify_post_policy(std::string_view policy, std::string_view credential,
                            std::string_view signature, const std::string& secret) {
  TRY_VOID(access_key_of(credential));
  std::string_view parts[4];  // date, region, service, aws4_request
  for (int i = 3; i >= 0; --i) {
    const auto slash = credential.rfind('/');
    parts[i] = credential.substr(slash + 1);
    credential = credential.substr(0, slash);
  }
  const auto key = signing_key_v4(secret, parts[0], parts[1], parts[2]);
  const auto given = common::hex_decode(signature).value_or("");
  if (equal_constant_time(crypto::hmac_sha256(key, policy), given)) return common::ok();
  return Error(SigErrc::mismatch, "the signature does not match the policy and the secret key of " +
                                      std::string(credential));
}

}  // namespace angophora::sigv
