// ListParts: what an upload has so far.
#include "common/base/text.h"
#include "walrus/s3/multipart.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::list_parts {
namespace {

constexpr std::size_t kPartsPerPageMax = 1000;

struct Found {
  Upload upload;
  std::vector<Part> parts;
};

void write_part(xml::Writer& writer, const Part& part) {
  writer.open("Part").element("PartNumber", part.number);
  writer.element("LastModified", listed_time(part.changed)).element("ETag", quoted_etag(part.etag));
  if (part.checksum) writer.element(element_of(part.checksum->kind), part.checksum->value);
  writer.element("Size", part.size_bytes).close();
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const auto upload_id = call.parameter_or_empty("uploadId");
  CO_TRY(const auto most, count_parameter(call, "max-parts", kPartsPerPageMax, kPartsPerPageMax));
  CO_TRY(const auto marker, count_parameter(call, "part-number-marker", 0, kPartNumberMax));
  auto find = [access, upload_id, most, marker](Tx& tx) -> Result<Found> {
    Found found;
    TRY(found.upload, find_upload(tx, access, upload_id));
    TRY(found.parts, Uploads(tx).parts(found.upload, static_cast<int>(marker), most + 1));
    return found;
  };
  CO_TRY(auto found, co_await s.db.read(std::move(find)));
  const bool truncated = found.parts.size() > most;
  if (truncated) found.parts.pop_back();
  auto writer = start_xml("ListPartsResult");
  writer.element("Bucket", access.bucket).element("Key", access.key);
  writer.element("UploadId", upload_id);
  const auto identities = s.identities.identities();
  write_account(writer, "Initiator", found.upload.initiator, *identities);
  write_account(writer, "Owner", found.upload.acl.owner, *identities);
  writer.element("StorageClass", "STANDARD").element("PartNumberMarker", marker);
  if (found.upload.checksum_kind) {
    writer.element("ChecksumAlgorithm", to_string(*found.upload.checksum_kind));
    writer.element("ChecksumType", found.upload.checksum_composite ? "COMPOSITE" : "FULL_OBJECT");
  }
  writer.element("NextPartNumberMarker", found.parts.empty() ? 0 : found.parts.back().number);
  writer.element("MaxParts", most).element("IsTruncated", truncated);
  for (const auto& part : found.parts) write_part(writer, part);
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation ListParts{.name = "ListParts",
                                   .method = "GET",
                                   .resource = Resource::object,
                                   .permission = "s3:ListMultipartUploadParts",
                                   .selector = "uploadId",
                                   .run = run};

}  // namespace angophora::walrus::list_parts
