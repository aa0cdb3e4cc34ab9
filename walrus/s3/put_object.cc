// PutObject: the body goes to disk first, then one transaction makes it the object.
#include "common/base/encoding.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/destination.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/expiry.h"
#include "walrus/s3/receive.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus::put_object {
namespace {

// What can be refused before the body is sent.
Task<Destination> check(Services& s, Access access, WriteConditions conditions) {
  auto find = [access, conditions, now = s.runtime.now()](Tx& tx) -> Result<Destination> {
    TRY(auto destination, find_destination(tx, access, now));
    TRY(const auto there, Objects(tx).find_if_there(access.bucket, access.key));
    TRY_VOID(conditions.judge(there));
    return destination;
  };
  co_return co_await s.db.read(std::move(find));
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const WriteConditions conditions(call);
  CO_TRY(const auto destination, co_await check(s, access, conditions));
  CO_TRY(auto object, new_object(call, destination, s.runtime.now()));
  CO_TRY(auto data_key, new_data_key(s, call, destination));
  object.encryption = store_encryption(data_key.how);
  auto key = std::move(data_key.key);
  CO_TRY(auto received, co_await receive_content(s, call, std::nullopt, std::move(key)));
  object.etag = common::hex_encode(received.body.digests.md5);
  object.size_bytes = received.body.size_bytes;
  object.content = received.body.content;
  object.checksum = received.checksum;
  object.changed = s.runtime.now();
  CO_TRY(object.version, co_await commit_object(s, access, object, true, conditions));
  std::string expiry;
  if (destination.has_lifecycle) {
    auto look = [object](Tx& tx) { return find_expiry(tx, object); };
    CO_TRY(expiry, co_await s.db.read(std::move(look)));
  }
  auto response = empty_reply(200);
  add_expiry_header(expiry, response.headers);
  response.headers.add("ETag", quoted_etag(object.etag));
  add_version_header(object, response.headers);
  CO_TRY_VOID(add_encryption_headers(object.encryption, response.headers));
  if (object.checksum) add_checksum_headers(*object.checksum, response.headers);
  co_return response;
}

}  // namespace

extern const S3Operation PutObject{.name = "PutObject",
                                   .method = "PUT",
                                   .resource = Resource::object,
                                   .permission = "s3:PutObject",
                                   .run = run};

}  // namespace angophora::walrus::put_object
