// UploadPart: a part's bytes go to disk as an object's do, and wait there for the others.
#include "common/base/encoding.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/multipart.h"
#include "walrus/s3/object_headers.h"
#include "walrus/s3/receive.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::upload_part {
namespace {

Result<> check_kind(const Upload& upload, const Received& received) {
  if (!upload.checksum_kind || received.checksum->kind == *upload.checksum_kind)
    return common::ok();
  return Error(S3Errc::invalid_request,
               "Checksum Type mismatch occurred, expected checksum Type: " +
                   std::string(to_string(*upload.checksum_kind)) +
                   ", actual checksum Type: " + std::string(to_string(received.checksum->kind)));
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const auto upload_id = call.parameter_or_empty("uploadId");
  Part part;
  CO_TRY(part.number, part_number_of(call));
  auto find = [access, upload_id](Tx& tx) { return find_upload(tx, access, upload_id); };
  CO_TRY(const auto upload, co_await s.db.read(std::move(find)));
  const auto kind = upload.checksum_kind;
  CO_TRY(auto data_key, open_data_key(s, call, upload.encryption, kOfTarget));
  CO_TRY(auto received, co_await receive_content(s, call, kind, std::move(data_key)));
  CO_TRY_VOID(check_kind(upload, received));
  part.etag = common::hex_encode(received.body.digests.md5);
  part.size_bytes = received.body.size_bytes;
  part.changed = s.runtime.now();
  part.content = received.body.content;
  part.checksum = received.checksum;
  CO_TRY_VOID(co_await commit_part(s, access, upload_id, part, true));
  auto response = empty_reply(200);
  response.headers.add("ETag", quoted_etag(part.etag));
  CO_TRY_VOID(add_encryption_headers(upload.encryption, response.headers));
  if (part.checksum)
    response.headers.add(std::string(header_of(part.checksum->kind)), part.checksum->value);
  co_return response;
}

}  // namespace

extern const S3Operation UploadPart{.name = "UploadPart",
                                    .method = "PUT",
                                    .resource = Resource::object,
                                    .permission = "s3:PutObject",
                                    .selector = "uploadId",
                                    .run = run};

}  // namespace angophora::walrus::upload_part
