// What the operations on uploads in parts share.
#pragma once

#include "walrus/s3/access.h"
#include "walrus/store/uploads.h"

namespace angophora::walrus {

inline constexpr int kPartNumberMax = 10000;
inline constexpr std::uint64_t kPartBytesMin = 5 << 20;  // of all parts but the last

// The upload that ?uploadId names, when the caller may write to the bucket.
Result<Upload> find_upload(Tx& tx, const Access& access, const std::string& upload_id);

// ?partNumber. S3Errc::invalid_argument unless it is 1 to 10000.
Result<int> part_number_of(const S3Call& call);

// Puts a part into its upload. `fresh` as in commit_object().
Task<> commit_part(Services& services, Access access, std::string upload_id, Part part, bool fresh);

// The checksum of an object from those of its parts. S3Errc::invalid_request when one is missing.
Result<std::optional<StoredChecksum>> checksum_of_parts(const Upload& upload,
                                                        const std::vector<Part>& parts);

}  // namespace angophora::walrus
