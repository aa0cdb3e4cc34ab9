// HeadBucket: whether the bucket is there and the caller may list it.
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::head_bucket {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, Permission::read); };
  CO_TRY_VOID(co_await s.db.read(std::move(find)));
  auto response = empty_reply(200);
  response.headers.add("x-amz-bucket-region", s.settings.region);
  co_return response;
}

}  // namespace

extern const S3Operation HeadBucket{.name = "HeadBucket",
                                    .method = "HEAD",
                                    .resource = Resource::bucket,
                                    .permission = "s3:ListBucket",
                                    .run = run};

}  // namespace angophora::walrus::head_bucket
