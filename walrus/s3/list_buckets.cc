// ListBuckets: the buckets that the caller's account owns.
#include "common/base/encoding.h"
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"
#include "walrus/store/buckets.h"

namespace angophora::walrus::list_buckets {
namespace {

constexpr std::size_t kBucketsPerPageMax = 10000;

// Where the page before ended; "" for the first page.
Result<std::string> after_of(const S3Call& call) {
  const auto token = call.parameter("continuation-token");
  if (!token || token->empty()) return std::string();
  auto name = common::base64_decode(*token);
  if (!name || name->empty())
    return Error(S3Errc::invalid_argument, "The continuation token provided is incorrect");
  return std::move(*name);
}

Task<http::Response> run(Services& s, S3Call& call) {
  if (call.caller.anonymous()) co_return access_denied();
  CO_TRY_VOID(may_in_account(Access(call)));
  const auto owner = call.caller.canonical_id;
  const auto prefix = call.parameter_or_empty("prefix");
  CO_TRY(const auto after, after_of(call));
  CO_TRY(const auto most,
         count_parameter(call, "max-buckets", kBucketsPerPageMax, kBucketsPerPageMax));
  const auto region = call.parameter("bucket-region");
  const bool none_there = region && *region != s.settings.region;
  auto find = [owner, prefix, after, most](Tx& tx) {
    return Buckets(tx).owned_by(owner, prefix, after, most + 1);
  };
  CO_TRY(auto buckets, co_await s.db.read(std::move(find)));
  if (none_there) buckets.clear();
  const bool truncated = buckets.size() > most;
  if (truncated) buckets.pop_back();
  auto writer = start_xml("ListAllMyBucketsResult");
  write_account(writer, "Owner", owner, *s.identities.identities());
  writer.open("Buckets");
  for (const auto& bucket : buckets)
    writer.open("Bucket")
        .element("Name", bucket.name)
        .element("CreationDate", listed_time(bucket.created))
        .close();
  writer.close();
  if (call.parameter("prefix")) writer.element("Prefix", prefix);
  if (truncated && !buckets.empty())
    writer.element("ContinuationToken", common::base64_encode(buckets.back().name));
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation ListBuckets{.name = "ListBuckets",
                                     .method = "GET",
                                     .resource = Resource::service,
                                     .permission = "s3:ListAllMyBuckets",
                                     .run = run};

}  // namespace angophora::walrus::list_buckets
