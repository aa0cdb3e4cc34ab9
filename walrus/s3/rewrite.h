// Bytes that must be read and written anew because they are encrypted otherwise than before.
#pragma once

#include "walrus/objects/hasher.h"
#include "walrus/s3/content.h"

namespace angophora::walrus {

struct Rewritten {
  std::vector<Segment> content;  // one new blob, or none for no bytes
  Digests digests;               // of the bytes in the clear
};

// `from` and `to` are data keys, "" for bytes in the clear. The caller holds leases of `content`.
// Errc::not_found when a blob has gone all the same.
Task<Rewritten> rewrite_content(Services& services, std::vector<Segment> content, std::string from,
                                std::string to, std::optional<ChecksumKind> checksum);

// Only the digests.
Task<Digests> hash_content(Services& services, std::vector<Segment> content, std::string key,
                           std::optional<ChecksumKind> checksum);

}  // namespace angophora::walrus
