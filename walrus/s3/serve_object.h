// GetObject and HeadObject up to the bytes: conditions, range or part, headers.
#pragma once

#include "walrus/domain/conditions.h"
#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

struct ObjectReply {
  http::Response response;  // without its body
  ByteRange range;          // of the bytes that belong to it; length 0: none
};
// S3Errc::precondition_failed, invalid_range, invalid_argument.
Result<ObjectReply> reply_of_object(const S3Call& call, const Object& object);

}  // namespace angophora::walrus
