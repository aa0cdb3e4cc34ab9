// CopyObject: the copy shares the bytes of its source, so that it costs one transaction however
// large the object is.
#include "walrus/s3/commit.h"
#include "walrus/s3/copy_source.h"
#include "walrus/s3/destination.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/object_headers.h"
#include "walrus/s3/replies.h"
#include "walrus/s3/rewrite.h"

namespace angophora::walrus::copy_object {
namespace {

Result<bool> replaces_metadata(const S3Call& call) {
  const auto directive = call.header("x-amz-metadata-directive");
  if (directive.empty() || directive == "COPY") return false;
  if (directive == "REPLACE") return true;
  return Error(S3Errc::invalid_argument, "Unknown metadata directive.");
}

Result<bool> replaces_tags(const S3Call& call) {
  const auto directive = call.header("x-amz-tagging-directive");
  if (directive.empty() || directive == "COPY") return false;
  if (directive == "REPLACE") return true;
  return Error(S3Errc::invalid_argument, "Unknown tagging directive.");
}

// Copying a version onto itself must change something.
Result<> check_is_change(const S3Call& call, const Object& source, bool replaces) {
  if (replaces || source.bucket != call.target.bucket || source.key != call.target.key ||
      !source.is_latest || call.has_header("x-amz-storage-class") ||
      call.has_header("x-amz-server-side-encryption") ||
      call.has_header("x-amz-server-side-encryption-customer-algorithm"))
    return common::ok();
  return Error(S3Errc::invalid_request,
               "This copy request is illegal because it is trying to copy an object to itself "
               "without changing the object's metadata, storage class, website redirect location "
               "or encryption attributes.");
}

// A copy without its own word on the storage class is STANDARD; list and lock are its own.
Result<Object> copy_of(const S3Call& call, const Object& source, const Destination& destination,
                       common::SysTime now) {
  TRY(const bool replaces, replaces_metadata(call));
  TRY(const bool own_tags, replaces_tags(call));
  TRY_VOID(check_is_change(call, source, replaces));
  TRY(auto object, new_object(call, destination, now));
  object.etag = source.etag;
  object.size_bytes = source.size_bytes;
  object.content = source.content;
  object.parts = source.parts;
  object.checksum = source.checksum;
  if (!replaces) object.headers = source.headers;
  if (!own_tags) object.tags = source.tags;
  return object;
}

// Gives `object`, which shares the bytes of its source, bytes of its own when it is to be encrypted
// otherwise; whether it has.
Task<bool> take_bytes(Services& s, S3Call& call, const Destination& destination, Object& object,
                      std::string source_encryption) {
  DataKey known;
  CO_TRY(known.key, open_data_key(s, call, source_encryption, kOfCopySource));
  const auto wanted =
      known.key.empty() ? new_data_key(s, call, destination) : reseal(s, call, destination, known);
  if (!wanted) co_return wanted.error();
  object.encryption = store_encryption(wanted.value().how);
  const auto from = known.key, to = wanted.value().key;
  if (from == to) co_return false;
  BlobLeases::Blobs blobs;
  for (const auto& segment : object.content) blobs.push_back(segment.blob);
  const auto lease = s.leases.hold(std::move(blobs));
  const auto content = object.content;
  CO_TRY(auto rewritten, co_await rewrite_content(s, content, from, to, std::nullopt));
  object.content = std::move(rewritten.content);
  co_return true;
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const auto now = s.runtime.now();
  auto find = [access, now](Tx& tx) { return find_destination(tx, access, now); };
  CO_TRY(const auto destination, co_await s.db.read(std::move(find)));
  const WriteConditions conditions(call);
  for (int attempt = 0;; ++attempt) {
    CO_TRY(const auto source, co_await find_copy_source(s, call));
    CO_TRY(auto object, copy_of(call, source, destination, s.runtime.now()));
    const auto encryption = source.encryption;
    const auto taken = co_await take_bytes(s, call, destination, object, encryption);
    if (!taken && taken.error().code == common::Errc::not_found && attempt < 5) continue;
    if (!taken) co_return taken.error();
    const bool fresh = taken.value();
    auto done = co_await commit_object(s, access, object, fresh, conditions);
    // The source was replaced in between: look again.
    if (!done && done.error().code == S3Errc::operation_aborted && attempt < 5) continue;
    if (!done) co_return std::move(done).assume_error();
    object.version = std::move(done).assume_value();
    auto writer = start_xml("CopyObjectResult");
    writer.element("LastModified", listed_time(object.changed));
    writer.element("ETag", quoted_etag(object.etag));
    if (object.checksum) writer.element(element_of(object.checksum->kind), object.checksum->value);
    auto response = xml_reply(std::move(writer));
    add_version_header(object, response.headers);
    CO_TRY_VOID(add_encryption_headers(object.encryption, response.headers));
    if (source.version != kNullVersion)
      response.headers.add("x-amz-copy-source-version-id", source.version);
    co_return response;
  }
}

}  // namespace

extern const S3Operation CopyObject{.name = "CopyObject",
                                    .method = "PUT",
                                    .resource = Resource::object,
                                    .permission = "s3:PutObject",
                                    .selector_header = "x-amz-copy-source",
                                    .run = run};

}  // namespace angophora::walrus::copy_object
