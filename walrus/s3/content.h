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
};

// `find` returns the object, as find_object() does; called again when it was replaced just then.
using FindObject = std::function<Result<Object>(Tx&)>;
Task<OpenObject> open_object(Services& services, FindObject find);

// The bytes of `range`, sent from the file where one segment holds them.
void set_content(Services& services, OpenObject open, ByteRange range, http::Response& response);

}  // namespace angophora::walrus
