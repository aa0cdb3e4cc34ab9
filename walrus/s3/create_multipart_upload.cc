// CreateMultipartUpload: an id under which parts are collected.
#include "common/base/text.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/destination.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/multipart.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::create_multipart_upload {
namespace {

Result<> read_checksum(const S3Call& call, Upload& upload) {
  const auto name = call.header("x-amz-checksum-algorithm");
  const auto type = call.header("x-amz-checksum-type");
  if (name.empty()) {
    if (type.empty()) return common::ok();
    return invalid_request(
        "The x-amz-checksum-type header can only be used with the "
        "x-amz-checksum-algorithm header.");
  }
  upload.checksum_kind = parse_checksum_kind(name);
  if (!upload.checksum_kind)
    return invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the "
        "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  const auto kind = *upload.checksum_kind;
  upload.checksum_composite = kind != ChecksumKind::crc64nvme;
  if (type.empty()) return common::ok();
  if (type != "COMPOSITE" && type != "FULL_OBJECT")
    return invalid_request("Value for x-amz-checksum-type header is invalid.");
  upload.checksum_composite = type == "COMPOSITE";
  const bool possible = upload.checksum_composite ? kind != ChecksumKind::crc64nvme : is_crc(kind);
  if (possible) return common::ok();
  return invalid_request("The " + std::string(type) + " checksum type cannot be used with the " +
                         common::to_lower(to_string(kind)) + " checksum algorithm.");
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const auto now = s.runtime.now();
  auto find = [access, now](Tx& tx) { return find_destination(tx, access, now); };
  CO_TRY(const auto destination, co_await s.db.read(std::move(find)));
  CO_TRY(auto object, new_object(call, destination, now));
  Upload upload;
  upload.id = s.runtime.random_hex(48);
  upload.bucket = access.bucket;
  upload.key = access.key;
  upload.begun = now;
  upload.initiator =
      call.caller.anonymous() ? destination.bucket.acl.owner : call.caller.canonical_id;
  upload.acl = std::move(object.acl);
  upload.headers = std::move(object.headers);
  upload.storage_class = std::move(object.storage_class);
  upload.tags = std::move(object.tags);
  upload.retention = object.retention;
  upload.legal_hold = object.legal_hold;
  CO_TRY(const auto data_key, new_data_key(s, call, destination));
  upload.encryption = store_encryption(data_key.how);
  CO_TRY_VOID(read_checksum(call, upload));
  auto insert = [upload](Tx& tx) { return Uploads(tx).insert(upload); };
  CO_TRY_VOID(co_await s.db.write(std::move(insert)));
  auto writer = start_xml("InitiateMultipartUploadResult");
  writer.element("Bucket", upload.bucket).element("Key", upload.key);
  writer.element("UploadId", upload.id);
  auto response = xml_reply(std::move(writer));
  CO_TRY_VOID(add_encryption_headers(upload.encryption, response.headers));
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

}  // namespace angophora::walrus::create_multipart_upload
