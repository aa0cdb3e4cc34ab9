#include "walrus/s3/multipart.h"

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "walrus/objects/hasher.h"
#include "walrus/s3/commit.h"

namespace angophora::walrus {
namespace {

std::string full_checksum(ChecksumKind kind, const std::vector<Part>& parts) {
  std::string crc(bytes_of(kind), '\0');
  for (const auto& part : parts)
    crc = combine_crc(kind, crc, *common::base64_decode(part.checksum->value), part.size_bytes);
  return common::base64_encode(crc);
}

std::string composite_checksum(ChecksumKind kind, const std::vector<Part>& parts) {
  Hasher hasher(false, kind);
  for (const auto& part : parts) hasher.add(*common::base64_decode(part.checksum->value));
  return common::base64_encode(hasher.finish().checksum) + "-" + std::to_string(parts.size());
}

}  // namespace

Result<Upload> find_upload(Tx& tx, const Access& access, const std::string& upload_id) {
  TRY_VOID(find_bucket(tx, access, Permission::write));
  return Uploads(tx).find(access.bucket, access.key, upload_id);
}

Result<int> part_number_of(const S3Call& call) {
  const auto number = common::parse_number<int>(call.parameter_or_empty("partNumber"));
  if (number && *number >= 1 && *number <= kPartNumberMax) return *number;
  return Error(S3Errc::invalid_argument,
               "Part number must be an integer between 1 and 10000, inclusive");
}

Task<> commit_part(Services& services, Access access, std::string upload_id, Part part,
                   bool fresh) {
  const auto content = part.content;
  auto write = [access, upload_id, part, fresh](Tx& tx) -> Result<FreedBlobs> {
    TRY(const auto upload, find_upload(tx, access, upload_id));
    TRY_VOID(Blobs(tx).refer(part.content, fresh));
    FreedBlobs freed;
    TRY_VOID(Uploads(tx).put_part(upload, part, freed));
    return freed;
  };
  auto freed = co_await services.db.write(std::move(write));
  if (!freed) {
    if (fresh) discard_after_failure(services, content, freed.error());
    co_return std::move(freed).assume_error();
  }
  if (fresh) note_written(services, content);
  discard_blobs(services, std::move(freed).assume_value());
  co_return common::ok();
}

Result<std::optional<StoredChecksum>> checksum_of_parts(const Upload& upload,
                                                        const std::vector<Part>& parts) {
  if (!upload.checksum_kind) return std::optional<StoredChecksum>();
  const auto kind = *upload.checksum_kind;
  for (const auto& part : parts)
    if (!part.checksum || part.checksum->kind != kind)
      return Error(S3Errc::invalid_request,
                   "The upload was created using a " + std::string(to_string(kind)) +
                       " checksum, which part " + std::to_string(part.number) + " does not have.");
  if (upload.checksum_composite)
    return std::optional(StoredChecksum{kind, true, composite_checksum(kind, parts)});
  return std::optional(StoredChecksum{kind, false, full_checksum(kind, parts)});
}

}  // namespace angophora::walrus
