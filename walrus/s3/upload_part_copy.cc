// UploadPartCopy: a stretch of an object as a part. Its bytes are shared, and read once for the
// part's ETag.
#include "common/base/encoding.h"
#include "common/base/text.h"
#include "walrus/domain/conditions.h"
#include "walrus/objects/body_check.h"
#include "walrus/s3/copy_source.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/multipart.h"
#include "walrus/s3/replies.h"
#include "walrus/s3/rewrite.h"

namespace angophora::walrus::upload_part_copy {
namespace {

// x-amz-copy-source-range: "bytes=first-last", both given and inside of the object.
Result<ByteRange> range_of(const S3Call& call, const Object& source) {
  const auto text = call.header("x-amz-copy-source-range");
  if (text.empty()) return ByteRange{0, source.size_bytes};
  const Error malformed(S3Errc::invalid_argument,
                        "The x-amz-copy-source-range value must be of the form bytes=first-last "
                        "where first and last are the zero-based offsets of the first and last "
                        "bytes to copy");
  if (!text.starts_with("bytes=")) return malformed;
  const auto ends = common::split(text.substr(6), '-');
  if (ends.size() != 2) return malformed;
  const auto first = common::parse_number<std::uint64_t>(ends[0]);
  const auto last = common::parse_number<std::uint64_t>(ends[1]);
  if (!first || !last || *last < *first) return malformed;
  if (*last >= source.size_bytes)
    return Error(S3Errc::invalid_range, "Range specified is not valid for source object of size: " +
                                            std::to_string(source.size_bytes));
  return ByteRange{*first, *last - *first + 1};
}

struct Source {
  Object object;
  ByteRange range;
  std::string data_key;
};

// Fills in content and digests of `part`: shared and read once, or, where keys are in play, written
// anew; whether its content is new.
Task<bool> take_bytes(Services& s, Source source, std::string to, std::optional<ChecksumKind> kind,
                      Part& part) {
  part.content = cut(source.object.content, source.range.first, source.range.length);
  BlobLeases::Blobs blobs;
  for (const auto& segment : part.content) blobs.push_back(segment.blob);
  const auto lease = s.leases.hold(std::move(blobs));
  Digests digests;
  const bool anew = !to.empty() || !source.data_key.empty();
  const auto content = part.content;
  const auto from = source.data_key;
  if (anew) {
    CO_TRY(auto rewritten, co_await rewrite_content(s, content, from, to, kind));
    part.content = std::move(rewritten.content);
    digests = std::move(rewritten.digests);
  } else {
    CO_TRY(digests, co_await hash_content(s, content, from, kind));
  }
  part.etag = common::hex_encode(digests.md5);
  part.size_bytes = source.range.length;
  part.changed = s.runtime.now();
  if (kind) part.checksum = StoredChecksum{*kind, false, common::base64_encode(digests.checksum)};
  co_return anew;
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const auto upload_id = call.parameter_or_empty("uploadId");
  Part part;
  CO_TRY(part.number, part_number_of(call));
  auto find = [access, upload_id](Tx& tx) { return find_upload(tx, access, upload_id); };
  CO_TRY(const auto upload, co_await s.db.read(std::move(find)));
  Source source;
  CO_TRY(source.object, co_await find_copy_source(s, call));
  CO_TRY(source.range, range_of(call, source.object));
  if (source.range.length > kObjectBytesMax)
    co_return Error(S3Errc::entity_too_large,
                    "Your proposed upload exceeds the maximum allowed size");
  CO_TRY(source.data_key, open_data_key(s, call, source.object.encryption, kOfCopySource));
  CO_TRY(const auto to, open_data_key(s, call, upload.encryption, kOfTarget));
  const auto version = source.object.version;
  const auto kind = upload.checksum_kind;
  const auto taken = co_await take_bytes(s, std::move(source), to, kind, part);
  if (!taken && taken.error().code == common::Errc::not_found)
    co_return Error(S3Errc::operation_aborted,
                    "A conflicting operation replaced the source of this one. Please try again.");
  if (!taken) co_return taken.error();
  const bool fresh = taken.value();
  CO_TRY_VOID(co_await commit_part(s, access, upload_id, part, fresh));
  auto writer = start_xml("CopyPartResult");
  writer.element("LastModified", listed_time(part.changed)).element("ETag", quoted_etag(part.etag));
  if (part.checksum) writer.element(element_of(*kind), part.checksum->value);
  auto response = xml_reply(std::move(writer));
  if (version != kNullVersion) response.headers.add("x-amz-copy-source-version-id", version);
  CO_TRY_VOID(add_encryption_headers(upload.encryption, response.headers));
  co_return response;
}

}  // namespace

extern const S3Operation UploadPartCopy{.name = "UploadPartCopy",
                                        .method = "PUT",
                                        .resource = Resource::object,
                                        .permission = "s3:PutObject",
                                        .selector = "uploadId",
                                        .selector_header = "x-amz-copy-source",
                                        .run = run};

}  // namespace angophora::walrus::upload_part_copy
