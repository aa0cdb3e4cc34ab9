// UploadPartCopy: a stretch of an object as a part. Its bytes are shared, and read once for the
// part's ETag.
#include <unistd.h>

#include <cerrno>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "walrus/objects/body_check.h"
#include "walrus/s3/content.h"
#include "walrus/s3/copy_source.h"
#include "walrus/s3/multipart.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

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

Result<> hash_segment(const BlobStore& blobs, const Segment& segment, Hasher& hasher) {
  TRY(const auto file, blobs.open_blob(segment.blob));
  std::string buffer(kBufferBytes, '\0');
  std::uint64_t done = 0;
  while (done < segment.length) {
    const auto wanted = std::min<std::uint64_t>(buffer.size(), segment.length - done);
    const auto n = ::pread(*file, buffer.data(), wanted, static_cast<off_t>(segment.offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return common::errno_error(errno, "reading blob " + segment.blob);
    if (n == 0) return Error(common::Errc::corrupt, "blob " + segment.blob + " is too short");
    hasher.add(std::string_view(buffer).substr(0, static_cast<std::size_t>(n)));
    done += static_cast<std::uint64_t>(n);
  }
  return common::ok();
}

Task<Digests> hash_segments(Services& s, std::vector<Segment> segments,
                            std::optional<ChecksumKind> kind) {
  auto work = [&blobs = s.blobs, segments, kind]() -> Result<Digests> {
    Hasher hasher(false, kind);
    for (const auto& segment : segments) TRY_VOID(hash_segment(blobs, segment, hasher));
    return hasher.finish();
  };
  co_return co_await s.runtime.run_blocking(std::move(work));
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const auto upload_id = call.parameter_or_empty("uploadId");
  Part part;
  CO_TRY(part.number, part_number_of(call));
  auto find = [access, upload_id](Tx& tx) { return find_upload(tx, access, upload_id); };
  CO_TRY(const auto upload, co_await s.db.read(std::move(find)));
  CO_TRY(const auto source, co_await find_copy_source(s, call));
  CO_TRY(const auto range, range_of(call, source));
  if (range.length > kObjectBytesMax)
    co_return Error(S3Errc::entity_too_large,
                    "Your proposed upload exceeds the maximum allowed size");
  part.content = cut(source.content, range.first, range.length);
  BlobLeases::Blobs blobs;
  for (const auto& segment : part.content) blobs.push_back(segment.blob);
  const auto lease = s.leases.hold(std::move(blobs));
  const auto kind = upload.checksum_kind;
  auto digests = co_await hash_segments(s, part.content, kind);
  if (!digests && digests.error().code == common::Errc::not_found)
    co_return Error(S3Errc::operation_aborted,
                    "A conflicting operation replaced the source of this one. Please try again.");
  if (!digests) co_return std::move(digests).assume_error();
  part.etag = common::hex_encode(digests.value().md5);
  part.size_bytes = range.length;
  part.changed = s.runtime.now();
  if (kind)
    part.checksum = StoredChecksum{*kind, false, common::base64_encode(digests.value().checksum)};
  CO_TRY_VOID(co_await commit_part(s, access, upload_id, part, false));
  auto writer = start_xml("CopyPartResult");
  writer.element("LastModified", listed_time(part.changed)).element("ETag", quoted_etag(part.etag));
  if (part.checksum) writer.element(element_of(*kind), part.checksum->value);
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation UploadPartCopy{.name = "UploadPartCopy",
                                        .method = "PUT",
                                        .resource = Resource::object,
                                        .permission = "s3:PutObject",
                                        .selector = "uploadId",
                                        .selector_header = "x-amz-copy-source",
                                        .run = run};

}  // namespace angophora::walrus
