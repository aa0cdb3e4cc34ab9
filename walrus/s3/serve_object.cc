#include "walrus/s3/serve_object.h"

#include "common/base/text.h"
#include "walrus/s3/object_headers.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {
namespace {

// ?partNumber: the bytes of that part of an object that was uploaded in parts.
Result<ByteRange> range_of_part(std::string_view text, const Object& object,
                                std::optional<StoredChecksum>& checksum) {
  const auto number = common::parse_number<int>(text);
  if (!number || *number < 1 || *number > 10000)
    return Error(S3Errc::invalid_argument,
                 "Part number must be an integer between 1 and 10000, inclusive");
  if (object.parts.empty() && *number == 1) return ByteRange{0, object.size_bytes};
  std::uint64_t first = 0;
  int count = 0;
  for (const auto& part : object.parts) {
    if (++count == *number) {
      if (checksum) checksum->value = part.checksum;
      return ByteRange{first, part.size_bytes};
    }
    first += part.size_bytes;
  }
  return Error(S3Errc::invalid_part, "The requested part number is not that of a part");
}

void set_range(http::Response& response, const ByteRange& range, const Object& object) {
  response.status = 206;
  response.headers.add("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                            std::to_string(range.first + range.length - 1) + "/" +
                                            std::to_string(object.size_bytes));
}

}  // namespace

Result<ObjectReply> reply_of_object(const S3Call& call, const Object& object) {
  ObjectReply reply;
  TRY(reply.response.headers, headers_to_serve(call, object));
  const auto verdict = judge(conditions_of(call), object.etag, object.changed);
  if (verdict == Verdict::failed)
    return Error(S3Errc::precondition_failed,
                 "At least one of the pre-conditions you specified did not hold");
  if (verdict == Verdict::not_modified) {
    reply.response.status = 304;
    return reply;
  }
  reply.range = {0, object.size_bytes};
  auto checksum = object.checksum;
  if (const auto part = call.parameter("partNumber")) {
    TRY(reply.range, range_of_part(*part, object, checksum));
    if (!object.parts.empty())
      reply.response.headers.add("x-amz-mp-parts-count", std::to_string(object.parts.size()));
    if (reply.range.length > 0) set_range(reply.response, reply.range, object);
  } else {
    TRY(const auto range, parse_range(call.header("range"), object.size_bytes));
    if (range) {
      reply.range = *range;
      checksum.reset();  // it is of the whole
      set_range(reply.response, *range, object);
    }
  }
  if (checksum && !checksum->value.empty() &&
      common::equal_ignore_case(call.header("x-amz-checksum-mode"), "ENABLED"))
    add_checksum_headers(*checksum, reply.response.headers);
  if (call.http.method == "HEAD") reply.response.head_length = reply.range.length;
  return reply;
}

}  // namespace angophora::walrus
