// The canonical forms that are signed. For this folder's .cc files.
//
// Clients differ in how they encode a path or a plus sign before they sign it. Where a request can
// be read in two ways, both canonical forms are tried: each one still covers the whole request.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/sigv/verify.h"

namespace angophora::sigv {

struct Parameter {
  std::string name, value;  // decoded
  bool has_value = false;   // "?acl" has none, "?acl=" has an empty one
};
using ParameterList = std::vector<Parameter>;

// Nothing when an escape is broken or there are more than 10,000.
std::optional<ParameterList> parse_parameters(std::string_view encoded, bool plus_is_space);
const Parameter* find_parameter(const ParameterList& parameters, std::string_view name);
std::string value_of(const ParameterList& parameters, std::string_view name);

// "a=1&b=2": encoded as AWS does, sorted, without the parameter `skip`.
std::string canonical_query(const ParameterList& parameters, std::string_view skip);

// The encoded forms in which clients of V4 sign `path`, the documented one first.
std::vector<std::string> canonical_paths(std::string_view path, Rules rules);

// All values of a header as V4 signs them: trimmed, inner white space folded, joined with commas.
// Nothing when the request has no such header.
std::optional<std::string> canonical_header(const SignedRequest& request, std::string_view name);

std::string canonical_request_v4(const SignedRequest& request, std::string_view canonical_path,
                                 std::string_view canonical_query,
                                 const std::vector<std::string>& signed_headers,
                                 std::string_view payload_hash);
std::string string_to_sign_v4(std::string_view timestamp, std::string_view scope,
                              std::string_view canonical_request);

// V2 of the query APIs; `path` and `host` as they are to be signed.
std::string string_to_sign_v2(std::string_view method, std::string_view host, std::string_view path,
                              const ParameterList& parameters);
// S3's V2. `date_line` is the Date or Expires line; `resource_path` begins with the bucket.
std::string string_to_sign_s3_v2(const SignedRequest& request, const ParameterList& query,
                                 bool presigned, std::string_view date_line);

// The steps of parse(), by scheme.
Result<Claim> parse_v4_header(const SignedRequest& request, Rules rules);
Result<Claim> parse_v4_query(const SignedRequest& request, Rules rules, const ParameterList& query);
Result<Claim> parse_v2_query(const SignedRequest& request, ParameterList parameters);
Result<Claim> parse_s3_v2_header(const SignedRequest& request, const ParameterList& query);
Result<Claim> parse_s3_v2_query(const SignedRequest& request, const ParameterList& query);

inline common::Error malformed(std::string what) {
  return common::Error(SigErrc::malformed, std::move(what));
}

inline constexpr std::string_view kAlgorithmV4 = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kTerminatorV4 = "aws4_request";
inline constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

}  // namespace angophora::sigv
