// GetBucketVersioning: Enabled, Suspended, or nothing where it was never on.
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::get_bucket_versioning {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, std::nullopt); };
  CO_TRY(const auto bucket, co_await s.db.read(std::move(find)));
  auto writer = start_xml("VersioningConfiguration");
  if (bucket.versioning != Versioning::off) writer.element("Status", to_string(bucket.versioning));
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation GetBucketVersioning{.name = "GetBucketVersioning",
                                             .method = "GET",
                                             .resource = Resource::bucket,
                                             .permission = "s3:GetBucketVersioning",
                                             .selector = "versioning",
                                             .run = run};

}  // namespace angophora::walrus::get_bucket_versioning
