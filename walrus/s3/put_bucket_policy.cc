// PutBucketPolicy: read and judged once, here; kept as it came.
#include "common/policy/document.h"
#include "walrus/documents/policy_status.h"
#include "walrus/s3/body.h"
#include "walrus/s3/destination.h"
#include "walrus/s3/replies.h"
#include "walrus/store/bucket_settings.h"

namespace angophora::walrus::put_bucket_policy {
namespace {

// What policies may have is less; they say so themselves.
constexpr std::size_t kDocumentBytesMax = 256 * 1024;

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, std::nullopt); };
  CO_TRY_VOID(co_await s.db.read(find));
  CO_TRY(const auto json, co_await read_document(call, kDocumentBytesMax));
  const auto parsed = policy::parse(json, policy::bucket_rules(access.bucket));
  if (!parsed) co_return Error(S3Errc::malformed_policy, parsed.error().message);
  const auto now = s.runtime.now();
  auto write = [find, json, now](Tx& tx) -> Result<> {
    TRY(const auto bucket, find(tx));
    TRY(const auto block, find_public_access(tx, bucket.name));
    if (block.block_policy && is_public_policy(json)) return access_denied();
    return BucketSettings(tx).put(bucket.name, "policy", json, now);
  };
  CO_TRY_VOID(co_await s.db.write(std::move(write)));
  co_return empty_reply(204);
}

}  // namespace

extern const S3Operation PutBucketPolicy{.name = "PutBucketPolicy",
                                         .method = "PUT",
                                         .resource = Resource::bucket,
                                         .permission = "s3:PutBucketPolicy",
                                         .selector = "policy",
                                         .run = run};

}  // namespace angophora::walrus::put_bucket_policy
