// GetBucketPolicyStatus: whether the bucket is public, by its policy or its list.
#include "walrus/documents/policy_status.h"
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::get_bucket_policy_status {
namespace {

bool is_public(const Bucket& bucket) {
  if (is_public_policy(bucket.rules.policy)) return true;
  if (bucket.rules.ignores_public_acls) return false;
  for (const auto& grant : bucket.acl.grants)
    if (grant.group && grant.grantee != kLogDelivery) return true;
  return false;
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, std::nullopt); };
  CO_TRY(const auto bucket, co_await s.db.read(std::move(find)));
  auto writer = start_xml("PolicyStatus");
  writer.element("IsPublic", is_public(bucket));
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation GetBucketPolicyStatus{.name = "GetBucketPolicyStatus",
                                               .method = "GET",
                                               .resource = Resource::bucket,
                                               .permission = "s3:GetBucketPolicyStatus",
                                               .selector = "policyStatus",
                                               .run = run};

}  // namespace angophora::walrus::get_bucket_policy_status
