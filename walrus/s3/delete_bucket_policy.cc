// DeleteBucketPolicy: one that is not there counts as deleted.
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"
#include "walrus/store/bucket_settings.h"

namespace angophora::walrus::delete_bucket_policy {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto write = [access](Tx& tx) -> Result<> {
    TRY_VOID(find_bucket(tx, access, std::nullopt));
    return BucketSettings(tx).remove(access.bucket, "policy");
  };
  CO_TRY_VOID(co_await s.db.write(std::move(write)));
  co_return empty_reply(204);
}

}  // namespace

extern const S3Operation DeleteBucketPolicy{.name = "DeleteBucketPolicy",
                                            .method = "DELETE",
                                            .resource = Resource::bucket,
                                            .permission = "s3:DeleteBucketPolicy",
                                            .selector = "policy",
                                            .run = run};

}  // namespace angophora::walrus::delete_bucket_policy
