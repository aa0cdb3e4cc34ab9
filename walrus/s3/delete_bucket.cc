// DeleteBucket: no access list lets others, and only an empty one goes. Uploads under way end with
// it.
#include "walrus/s3/commit.h"
#include "walrus/s3/replies.h"
#include "walrus/store/buckets.h"
#include "walrus/store/uploads.h"

namespace angophora::walrus::delete_bucket {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto remove = [access](Tx& tx) -> Result<FreedBlobs> {
    TRY(const auto bucket, find_bucket(tx, access, std::nullopt));
    FreedBlobs freed;
    TRY_VOID(Uploads(tx).remove_all_of(bucket.name, freed));
    TRY_VOID(Buckets(tx).remove(bucket.name));
    return freed;
  };
  CO_TRY(auto freed, co_await s.db.write(std::move(remove)));
  discard_blobs(s, std::move(freed));
  if (s.logging_changed) co_await s.logging_changed(call.target.bucket);
  co_return empty_reply(204);
}

}  // namespace

extern const S3Operation DeleteBucket{.name = "DeleteBucket",
                                      .method = "DELETE",
                                      .resource = Resource::bucket,
                                      .permission = "s3:DeleteBucket",
                                      .run = run};

}  // namespace angophora::walrus::delete_bucket
