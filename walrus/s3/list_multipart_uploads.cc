// ListMultipartUploads: the uploads of a bucket that are neither completed nor aborted.
#include "walrus/s3/multipart.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::list_multipart_uploads {
namespace {

constexpr std::size_t kUploadsPerPageMax = 1000;

void write_upload(xml::Writer& writer, const Upload& upload, const KeyText& text,
                  const Identities& identities) {
  writer.open("Upload").element("Key", text(upload.key)).element("UploadId", upload.id);
  write_account(writer, "Initiator", upload.initiator, identities);
  write_account(writer, "Owner", upload.acl.owner, identities);
  writer.element("StorageClass", "STANDARD").element("Initiated", listed_time(upload.begun));
  if (upload.checksum_kind)
    writer.element("ChecksumAlgorithm", to_string(*upload.checksum_kind))
        .element("ChecksumType", upload.checksum_composite ? "COMPOSITE" : "FULL_OBJECT");
  writer.close();
}

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY(const auto text, KeyText::of(call));
  ListQuery query;
  query.prefix = call.parameter_or_empty("prefix");
  query.delimiter = call.parameter_or_empty("delimiter");
  query.after_key = call.parameter_or_empty("key-marker");
  if (!query.after_key.empty()) query.after_sub = call.parameter_or_empty("upload-id-marker");
  CO_TRY(query.count_max,
         count_parameter(call, "max-uploads", kUploadsPerPageMax, kUploadsPerPageMax));
  const Access access(call);
  auto find = [access, query](Tx& tx) -> Result<ListPage<Upload>> {
    TRY_VOID(find_bucket(tx, access, Permission::read));
    return Uploads(tx).list(access.bucket, query);
  };
  CO_TRY(const auto page, co_await s.db.read(std::move(find)));
  auto writer = start_xml("ListMultipartUploadsResult");
  writer.element("Bucket", access.bucket).element("KeyMarker", text(query.after_key));
  writer.element("UploadIdMarker", query.after_sub);
  if (page.truncated)
    writer.element("NextKeyMarker", text(page.next_key))
        .element("NextUploadIdMarker", page.next_sub);
  writer.element("Prefix", text(query.prefix));
  if (!query.delimiter.empty()) writer.element("Delimiter", text(query.delimiter));
  if (text.encoded()) writer.element("EncodingType", "url");
  writer.element("MaxUploads", query.count_max).element("IsTruncated", page.truncated);
  const auto identities = s.identities.identities();
  for (const auto& upload : page.rows) write_upload(writer, upload, text, *identities);
  for (const auto& prefix : page.prefixes)
    writer.open("CommonPrefixes").element("Prefix", text(prefix)).close();
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation ListMultipartUploads{.name = "ListMultipartUploads",
                                              .method = "GET",
                                              .resource = Resource::bucket,
                                              .permission = "s3:ListBucketMultipartUploads",
                                              .selector = "uploads",
                                              .run = run};

}  // namespace angophora::walrus::list_multipart_uploads
