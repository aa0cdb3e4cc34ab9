#include "walrus/s3/operation.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace angophora::walrus {

#define S3_OPERATION(file, name) \
  namespace file {               \
  extern const S3Operation name; \
  }
#include "walrus/s3/s3_operations.inc"
#undef S3_OPERATION

namespace {

// Every query parameter by which S3 chooses what a request is about.
constexpr std::array<std::string_view, 38> kSubresources = {
    "accelerate",
    "acl",
    "analytics",
    "append",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "website",
    "metadataConfiguration",
    "abac",
};

// Headers that ask for what is not offered here.
constexpr std::array<std::string_view, 3> kFeatureHeaders = {
    "x-amz-website-redirect-location", "x-amz-mfa", "x-amz-write-offset-bytes"};

bool names(std::string_view selector, std::string_view parameter) {
  for (const auto one : common::split(selector, '|'))
    if (one == parameter) return true;
  return false;
}

bool selects(const S3Operation& operation, const S3Call& call) {
  if (!operation.selector_header.empty() && !call.has_header(operation.selector_header))
    return false;
  if (operation.selector.empty()) return true;
  return std::any_of(call.query.begin(), call.query.end(),
                     [&](const auto& p) { return names(operation.selector, p.first); });
}

int weight(const S3Operation& operation) {
  return (operation.selector.empty() ? 0 : 2) + (operation.selector_header.empty() ? 0 : 1);
}

Error not_offered(std::string_view what) {
  return Error(S3Errc::not_implemented,
               "This object store does not offer what '" + std::string(what) +
                   "' asks for. The request was refused and nothing was changed.");
}

Resource resource_of(const Target& target) {
  if (target.bucket.empty()) return Resource::service;
  return target.key.empty() ? Resource::bucket : Resource::object;
}

}  // namespace

std::optional<std::string_view> S3Call::parameter(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::string S3Call::parameter_or_empty(std::string_view name) const {
  return std::string(parameter(name).value_or(""));
}

const std::vector<const S3Operation*>& s3_operations() {
  static const std::vector<const S3Operation*> all = {
#define S3_OPERATION(file, name) &file::name,
#include "walrus/s3/s3_operations.inc"
#undef S3_OPERATION
  };
  return all;
}

Result<const S3Operation*> find_s3_operation(const S3Call& call) {
  const auto resource = resource_of(call.target);
  const S3Operation* best = nullptr;
  for (const auto* operation : s3_operations())
    if (operation->method == call.http.method && operation->resource == resource &&
        selects(*operation, call) && (!best || weight(*operation) > weight(*best)))
      best = operation;
  for (const auto& [name, value] : call.query) {
    const bool subresource =
        std::find(kSubresources.begin(), kSubresources.end(), name) != kSubresources.end();
    if (subresource && (!best || !names(best->selector, name))) return not_offered("?" + name);
  }
  if (best) return best;
  return Error(S3Errc::method_not_allowed,
               "The specified method is not allowed against this resource.");
}

Result<> refuse_unknown_features(const S3Call& call) {
  for (const auto& [name, value] : call.http.headers) {
    const auto lower = common::to_lower(name);
    for (const auto feature : kFeatureHeaders)
      if (lower.starts_with(feature) && !(value == "false" || value == "False"))
        return not_offered(lower);
  }
  return common::ok();
}

}  // namespace angophora::walrus
