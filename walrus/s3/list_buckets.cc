// ListBuckets: the buckets that the caller's account owns.
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"
#include "walrus/store/buckets.h"

namespace angophora::walrus {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  if (call.caller.anonymous()) co_return access_denied();
  const auto owner = call.caller.canonical_id;
  auto find = [owner](Tx& tx) { return Buckets(tx).owned_by(owner); };
  CO_TRY(const auto buckets, co_await s.db.read(std::move(find)));
  auto writer = start_xml("ListAllMyBucketsResult");
  write_account(writer, "Owner", owner, *s.identities.identities());
  writer.open("Buckets");
  for (const auto& bucket : buckets)
    writer.open("Bucket")
        .element("Name", bucket.name)
        .element("CreationDate", listed_time(bucket.created))
        .close();
  writer.close();
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation ListBuckets{
    .name = "ListBuckets", .method = "GET", .resource = Resource::service, .run = run};

}  // namespace angophora::walrus
