#include "walrus/s3/expiry.h"

#include "common/base/encoding.h"
#include "walrus/documents/lifecycle.h"
#include "walrus/store/bucket_settings.h"

namespace angophora::walrus {

Result<std::string> find_expiry(Tx& tx, const Object& object) {
  if (!object.is_latest || object.delete_marker) return std::string();
  TRY(const auto text, BucketSettings(tx).find(object.bucket, "lifecycle"));
  if (!text) return std::string();
  TRY(const auto root, from_inner_xml(*text, kLifecycleShape));
  const auto rules = lifecycle_rules(root);
  const auto expiry = expiry_of(rules, object);
  if (!expiry) return std::string();
  return "expiry-date=\"" + common::format_http_date(expiry->due) + "\", rule-id=\"" +
         common::percent_encode(expiry->rule) + "\"";
}

void add_expiry_header(const std::string& expiry, http::Headers& headers) {
  if (!expiry.empty()) headers.add("x-amz-expiration", expiry);
}

}  // namespace angophora::walrus
