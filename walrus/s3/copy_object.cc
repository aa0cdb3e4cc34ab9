// CopyObject: the copy shares the bytes of its source, so that it costs one transaction however
// large the object is.
#include "walrus/s3/acl_document.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/copy_source.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {
namespace {

Result<bool> replaces_metadata(const S3Call& call) {
  const auto directive = call.header("x-amz-metadata-directive");
  if (directive.empty() || directive == "COPY") return false;
  if (directive == "REPLACE") return true;
  return Error(S3Errc::invalid_argument, "Unknown metadata directive.");
}

Result<> check_tagging(const S3Call& call) {
  const auto directive = call.header("x-amz-tagging-directive");
  if (directive.empty() || directive == "COPY" || directive == "REPLACE") return common::ok();
  return Error(S3Errc::invalid_argument, "Unknown tagging directive.");
}

// A copy without its own word on the storage class is STANDARD.
StoredHeaders copied_headers(const S3Call& call, StoredHeaders headers) {
  std::erase_if(headers, [](const auto& h) { return h.first == "x-amz-storage-class"; });
  const auto storage_class = call.header("x-amz-storage-class");
  if (storage_class == "REDUCED_REDUNDANCY")
    headers.emplace_back("x-amz-storage-class", std::string(storage_class));
  return headers;
}

Result<Object> copy_of(const S3Call& call, const Object& source, const Bucket& bucket) {
  TRY(const bool replaces, replaces_metadata(call));
  TRY_VOID(check_tagging(call));
  if (!replaces && source.bucket == call.target.bucket && source.key == call.target.key &&
      !call.has_header("x-amz-storage-class"))
    return Error(S3Errc::invalid_request,
                 "This copy request is illegal because it is trying to copy an object to itself "
                 "without changing the object's metadata, storage class, website redirect location "
                 "or encryption attributes.");
  TRY(auto new_headers, headers_to_keep(call));
  Object object = source;
  object.upload.clear();
  object.bucket = call.target.bucket;
  object.key = call.target.key;
  object.headers = replaces ? std::move(new_headers) : copied_headers(call, source.headers);
  const auto owner = call.caller.anonymous() ? bucket.acl.owner : call.caller.canonical_id;
  TRY(object.acl, acl_of_headers(call, owner, bucket.acl.owner));
  return object;
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket_for_object(tx, access); };
  CO_TRY(const auto bucket, co_await s.db.read(std::move(find)));
  const WriteConditions conditions(call);
  for (int attempt = 0;; ++attempt) {
    CO_TRY(const auto source, co_await find_copy_source(s, call));
    CO_TRY(auto object, copy_of(call, source, bucket));
    object.changed = s.runtime.now();
    const auto done = co_await commit_object(s, access, object, false, conditions);
    // The source was replaced in between: look again.
    if (!done && done.error().code == S3Errc::operation_aborted && attempt < 5) continue;
    if (!done) co_return done.error();
    auto writer = start_xml("CopyObjectResult");
    writer.element("LastModified", listed_time(object.changed));
    writer.element("ETag", quoted_etag(object.etag));
    if (object.checksum) writer.element(element_of(object.checksum->kind), object.checksum->value);
    co_return xml_reply(std::move(writer));
  }
}

}  // namespace

extern const S3Operation CopyObject{.name = "CopyObject",
                                    .method = "PUT",
                                    .resource = Resource::object,
                                    .permission = "s3:PutObject",
                                    .selector_header = "x-amz-copy-source",
                                    .run = run};

}  // namespace angophora::walrus
