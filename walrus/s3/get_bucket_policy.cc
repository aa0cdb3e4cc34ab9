// GetBucketPolicy: the policy as it was put.
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::get_bucket_policy {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, std::nullopt); };
  CO_TRY(auto bucket, co_await s.db.read(std::move(find)));
  if (bucket.rules.policy.empty())
    co_return Error(S3Errc::no_such_bucket_policy, "The bucket policy does not exist");
  auto response = empty_reply(200);
  response.headers.add("Content-Type", "application/json");
  response.body = std::move(bucket.rules.policy);
  co_return response;
}

}  // namespace

extern const S3Operation GetBucketPolicy{.name = "GetBucketPolicy",
                                         .method = "GET",
                                         .resource = Resource::bucket,
                                         .permission = "s3:GetBucketPolicy",
                                         .selector = "policy",
                                         .run = run};

}  // namespace angophora::walrus::get_bucket_policy
