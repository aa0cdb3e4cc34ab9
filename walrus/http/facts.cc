#include "walrus/http/facts.h"

#include <array>
#include <chrono>

namespace angophora::walrus {
namespace {

// Headers that are condition keys under their own names.
constexpr std::array<std::string_view, 16> kHeaderKeys = {
    "x-amz-acl",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-content-sha256",
    "x-amz-metadata-directive",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "if-match",
    "if-none-match"};

struct ParameterKey {
  std::string_view parameter, key;
};
constexpr ParameterKey kParameterKeys[] = {{"prefix", "s3:prefix"},
                                           {"delimiter", "s3:delimiter"},
                                           {"max-keys", "s3:max-keys"},
                                           {"versionId", "s3:VersionId"}};

void add_signature(const S3Call& call, common::SysTime now, policy::Facts& facts) {
  if (!call.claim) return;
  using sigv::Scheme;
  const auto scheme = call.claim->scheme;
  const bool is_v4 = scheme == Scheme::v4_header || scheme == Scheme::v4_query;
  const bool in_header = scheme == Scheme::v4_header || scheme == Scheme::s3_v2_header;
  facts.set("s3:signatureversion", is_v4 ? "AWS4-HMAC-SHA256" : "AWS");
  facts.set("s3:authType", in_header ? "REST-HEADER" : "REST-QUERY-STRING");
  const auto age =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - call.claim->signed_at);
  facts.set("s3:signatureAge", std::to_string(age.count()));
}

// The tags of an object that is about to be: x-amz-tagging is a query string.
void add_requested_tags(const S3Call& call, policy::Facts& facts) {
  const auto parsed = http::parse_query(call.header("x-amz-tagging"), true, 50);
  if (!parsed || parsed->empty()) return;
  policy::Tags tags;
  std::vector<std::string> keys;
  for (const auto& [key, value] : *parsed) {
    tags.emplace_back(key, value);
    keys.push_back(key);
  }
  facts.tags("s3:RequestObjectTag/", std::move(tags));
  facts.set("s3:RequestObjectTagKeys", std::move(keys));
}

}  // namespace

policy::Facts facts_of(const S3Call& call, common::SysTime now) {
  policy::Facts facts;
  const auto& peer = call.http.peer;
  if (!peer.address.empty()) facts.set("aws:SourceIp", peer.address);
  facts.set("aws:SecureTransport", peer.tls);
  if (call.has_header("user-agent"))
    facts.set("aws:UserAgent", std::string(call.header("user-agent")));
  if (call.has_header("referer")) facts.set("aws:Referer", std::string(call.header("referer")));
  for (const auto header : kHeaderKeys)
    if (call.has_header(header))
      facts.set("s3:" + std::string(header), std::string(call.header(header)));
  for (const auto& [parameter, key] : kParameterKeys)
    if (const auto value = call.parameter(parameter)) facts.set(key, std::string(*value));
  for (const auto* lock : {"mode", "retain-until-date", "legal-hold"})
    if (const auto value = call.header("x-amz-object-lock-" + std::string(lock)); !value.empty())
      facts.set("s3:object-lock-" + std::string(lock), std::string(value));
  if (auto source = call.header("x-amz-copy-source"); !source.empty()) {
    if (source.starts_with('/')) source.remove_prefix(1);
    facts.set("s3:x-amz-copy-source", std::string(source));
  }
  add_signature(call, now, facts);
  add_requested_tags(call, facts);
  return facts;
}

}  // namespace angophora::walrus
