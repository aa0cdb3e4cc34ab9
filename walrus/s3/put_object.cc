// PutObject: the body goes to disk first, then one transaction makes it the object.
#include "common/base/encoding.h"
#include "walrus/s3/acl_document.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/receive.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

// What can be refused before the body is sent.
Task<Bucket> check(Services& s, Access access, WriteConditions conditions) {
  auto find = [access, conditions](Tx& tx) -> Result<Bucket> {
    TRY(auto bucket, find_bucket_for_object(tx, access));
    TRY(const auto there, Objects(tx).find_if_there(access.bucket, access.key));
    TRY_VOID(conditions.judge(there));
    return bucket;
  };
  co_return co_await s.db.read(std::move(find));
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const WriteConditions conditions(call);
  CO_TRY(const auto bucket, co_await check(s, access, conditions));
  // What an unsigned caller leaves belongs to the bucket's owner.
  const auto owner = call.caller.anonymous() ? bucket.acl.owner : call.caller.canonical_id;
  Object object;
  object.bucket = access.bucket;
  object.key = access.key;
  CO_TRY(object.acl, acl_of_headers(call, owner, bucket.acl.owner));
  CO_TRY(object.headers, headers_to_keep(call));
  CO_TRY(auto received, co_await receive_content(s, call, std::nullopt));
  object.etag = common::hex_encode(received.body.digests.md5);
  object.size_bytes = received.body.size_bytes;
  object.content = received.body.content;
  object.checksum = received.checksum;
  object.changed = s.runtime.now();
  CO_TRY_VOID(co_await commit_object(s, access, object, true, conditions));
  auto response = empty_reply(200);
  response.headers.add("ETag", quoted_etag(object.etag));
  if (object.checksum) add_checksum_headers(*object.checksum, response.headers);
  co_return response;
}

}  // namespace

extern const S3Operation PutObject{.name = "PutObject",
                                   .method = "PUT",
                                   .resource = Resource::object,
                                   .permission = "s3:PutObject",
                                   .run = run};

}  // namespace angophora::walrus
