// An object's bytes on their way out.
#pragma once

#include "walrus/domain/conditions.h"
#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// A stretch of a blob, and the blob where it is open already.
struct OpenSegment {
  Segment segment;
  std::shared_ptr<const OpenBlob> blob = nullptr;  // null: has a place of its own, opened in time
  // What the whole blob must read as, until it was read once since the start.
  std::optional<BlobCheck> check = std::nullopt;
};

// An object as it was in one transaction, its bytes held open or leased since.
struct OpenObject {
  Object object;
  std::vector<OpenSegment> content;  // of the object, in order
  // All bytes as they lie there, read already, of an object that is one small blob.
  std::optional<std::string> bytes = std::nullopt;
  // Keeps the blobs of an object of several segments.
  std::shared_ptr<void> lease = nullptr;
  std::string data_key = {};  // of an encrypted one, filled in by the caller
};

// `find` returns the object, as find_object() does; called again when it was replaced just then.
using FindObject = std::function<Result<Object>(Tx&)>;
Task<OpenObject> open_object(Services& services, FindObject find);

// Finds and, in packs, opens the blobs; the caller holds leases of the others. Errc::not_found when
// a blob has gone.
Task<std::vector<OpenSegment>> open_content(Services& services, std::vector<Segment> content);

// The bytes of a stretch of a blob, decrypted where there is a key; the whole blob is checked first
// where that was not done yet. Blocks. Errc::not_found, corrupt (not what was kept), io.
Result<std::string> read_segment(const BlobStore& blobs, Verifier& verifier,
                                 const OpenSegment& open, const std::string& data_key);

// The bytes of `range`, sent from the file where one segment holds them.
Result<> set_content(Services& services, OpenObject open, ByteRange range,
                     http::Response& response);

}  // namespace angophora::walrus
