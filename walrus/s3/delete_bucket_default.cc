// DeleteBucketPolicy, DeleteBucketCors and their kin: what was never set is gone already.
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"
#include "walrus/s3/subresource_actions.h"

namespace angophora::walrus::delete_bucket_default {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  Access access(call);
  if (const auto* actions = subresource_actions(call)) access.action = actions->remove;
  auto find = [access](Tx& tx) { return find_bucket(tx, access, Permission::write); };
  CO_TRY_VOID(co_await s.db.read(std::move(find)));
  co_return empty_reply(204);
}

}  // namespace

extern const S3Operation DeleteBucketDefault{.name = "DeleteBucketDefault",
                                             .method = "DELETE",
                                             .resource = Resource::bucket,
                                             .permission = "s3:PutLifecycleConfiguration",
                                             .selector = "website|replication",
                                             .run = run};

}  // namespace angophora::walrus::delete_bucket_default
