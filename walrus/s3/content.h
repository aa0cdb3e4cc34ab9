// An object's bytes on their way out.
#pragma once

#include "walrus/domain/conditions.h"
#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// An object as it was in one transaction, its bytes held open or leased since.
struct OpenObject {
  Object object;
  // Of an object of one segment.
  std::shared_ptr<const int> file;
  // Keeps the blobs of an object of several segments.
  std::shared_ptr<void> lease;
  std::string data_key = {};  // of an encrypted one, filled in by the caller
};

// `find` returns the object, as find_object() does; called again when it was replaced just then.
using FindObject = std::function<Result<Object>(Tx&)>;
Task<OpenObject> open_object(Services& services, FindObject find);

// The bytes of a stretch of a blob, decrypted where there is a key; from `file` when it is open
// already. Blocks. Errc::not_found, corrupt (the blob is too short), io.
Result<std::string> read_segment(const BlobStore& blobs, std::shared_ptr<const int> file,
                                 const Segment& segment, const std::string& data_key);

// The bytes of `range`, sent from the file where one segment holds them.
void set_content(Services& services, OpenObject open, ByteRange range, http::Response& response);

}  // namespace angophora::walrus
