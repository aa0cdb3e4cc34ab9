// GetBucketLocation: the region that the bucket was made in; empty is the default one.
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::get_bucket_location {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, Permission::read); };
  CO_TRY(const auto bucket, co_await s.db.read(std::move(find)));
  auto writer = start_xml("LocationConstraint");
  if (bucket.location != "us-east-1" && bucket.location != "US") writer.text(bucket.location);
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation GetBucketLocation{.name = "GetBucketLocation",
                                           .method = "GET",
                                           .resource = Resource::bucket,
                                           .permission = "s3:GetBucketLocation",
                                           .selector = "location",
                                           .run = run};

}  // namespace angophora::walrus::get_bucket_location
