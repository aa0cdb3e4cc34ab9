// GetBucketAcl: who may do what with the bucket.
#include "walrus/s3/access.h"
#include "walrus/s3/acl_document.h"

namespace angophora::walrus::get_bucket_acl {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, Permission::read_acp); };
  CO_TRY(const auto bucket, co_await s.db.read(std::move(find)));
  co_return acl_reply(bucket.acl, *s.identities.identities());
}

}  // namespace

extern const S3Operation GetBucketAcl{.name = "GetBucketAcl",
                                      .method = "GET",
                                      .resource = Resource::bucket,
                                      .permission = "s3:GetBucketAcl",
                                      .selector = "acl",
                                      .run = run};

}  // namespace angophora::walrus::get_bucket_acl
