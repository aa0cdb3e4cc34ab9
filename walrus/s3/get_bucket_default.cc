// GetBucketWebsite, GetBucketReplication and their kin: the answer of a bucket
// where the feature was never set.
#include "walrus/s3/access.h"
#include "walrus/s3/bucket_defaults.h"
#include "walrus/s3/replies.h"
#include "walrus/s3/subresource_actions.h"

namespace angophora::walrus::get_bucket_default {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  Access access(call);
  if (const auto* actions = subresource_actions(call)) access.action = actions->read;
  auto find = [access](Tx& tx) { return find_bucket(tx, access, Permission::read); };
  CO_TRY_VOID(co_await s.db.read(std::move(find)));
  for (const auto& known : kBucketDefaults) {
    if (!call.parameter(known.subresource)) continue;
    if (known.error != S3Errc::none) co_return Error(known.error, std::string(known.message));
    auto writer = start_xml(known.root);
    writer.raw(known.content);
    co_return xml_reply(std::move(writer));
  }
  co_return Error(common::Errc::internal, "a bucket default without an entry");
}

}  // namespace

extern const S3Operation GetBucketDefault{.name = "GetBucketDefault",
                                          .method = "GET",
                                          .resource = Resource::bucket,
                                          .permission = "s3:GetBucketWebsite",
                                          .selector = "accelerate|notification|website|replication",
                                          .run = run};

}  // namespace angophora::walrus::get_bucket_default
