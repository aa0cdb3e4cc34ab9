// Takes the body of a PutObject or UploadPart to disk.
#pragma once

#include "walrus/objects/intake.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

struct Received {
  ReceivedBody body;
  std::optional<StoredChecksum> checksum;
};

// `fallback` is the checksum to compute when the client sends none, `data_key` what to encrypt
// with.
Task<Received> receive_content(Services& services, S3Call& call,
                               std::optional<ChecksumKind> fallback, std::string data_key);

// The names of a new blob; see BlobStore::draft().
std::string new_blob_name(common::Runtime& runtime);

}  // namespace angophora::walrus
