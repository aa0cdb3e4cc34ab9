// CreateMultipartUpload: an id under which parts are collected.
#include "common/base/text.h"
#include "walrus/s3/acl_document.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/multipart.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {
namespace {

Error invalid(std::string message) { return Error(S3Errc::invalid_request, std::move(message)); }

Result<> read_checksum(const S3Call& call, Upload& upload) {
  const auto name = call.header("x-amz-checksum-algorithm");
  const auto type = call.header("x-amz-checksum-type");
  if (name.empty()) {
    if (type.empty()) return common::ok();
    return invalid(
        "The x-amz-checksum-type header can only be used with the "
        "x-amz-checksum-algorithm header.");
  }
  upload.checksum_kind = parse_checksum_kind(name);
  if (!upload.checksum_kind)
    return invalid(
        "Checksum algorithm provided is unsupported. Please try again with any of the "
        "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  const auto kind = *upload.checksum_kind;
  upload.checksum_composite = kind != ChecksumKind::crc64nvme;
  if (type.empty()) return common::ok();
  if (type != "COMPOSITE" && type != "FULL_OBJECT")
    return invalid("Value for x-amz-checksum-type header is invalid.");
  upload.checksum_composite = type == "COMPOSITE";
  const bool possible = upload.checksum_composite ? kind != ChecksumKind::crc64nvme : is_crc(kind);
  if (possible) return common::ok();
  return invalid("The " + std::string(type) + " checksum type cannot be used with the " +
                 common::to_lower(to_string(kind)) + " checksum algorithm.");
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket_for_object(tx, access); };
  CO_TRY(const auto bucket, co_await s.db.read(std::move(find)));
  Upload upload;
  upload.id = s.runtime.random_hex(48);
  upload.bucket = access.bucket;
  upload.key = access.key;
  upload.begun = s.runtime.now();
  const auto owner = call.caller.anonymous() ? bucket.acl.owner : call.caller.canonical_id;
  upload.initiator = owner;
  CO_TRY(upload.acl, acl_of_headers(call, owner, bucket.acl.owner));
  CO_TRY(upload.headers, headers_to_keep(call));
  CO_TRY_VOID(read_checksum(call, upload));
  auto insert = [upload](Tx& tx) { return Uploads(tx).insert(upload); };
  CO_TRY_VOID(co_await s.db.write(std::move(insert)));
  auto writer = start_xml("InitiateMultipartUploadResult");
  writer.element("Bucket", upload.bucket).element("Key", upload.key);
  writer.element("UploadId", upload.id);
  auto response = xml_reply(std::move(writer));
  if (upload.checksum_kind) {
    response.headers.add("x-amz-checksum-algorithm", std::string(to_string(*upload.checksum_kind)));
    response.headers.add("x-amz-checksum-type",
                         upload.checksum_composite ? "COMPOSITE" : "FULL_OBJECT");
  }
  co_return response;
}

}  // namespace

extern const S3Operation CreateMultipartUpload{.name = "CreateMultipartUpload",
                                               .method = "POST",
                                               .resource = Resource::object,
                                               .permission = "s3:PutObject",
                                               .selector = "uploads",
                                               .run = run};

}  // namespace angophora::walrus
