// x-amz-expiration: which lifecycle rule will remove an object, and when.
#pragma once

#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// The header's value; "" when no rule is about the newest version `object`, or it is not that.
Result<std::string> find_expiry(Tx& tx, const Object& object);

void add_expiry_header(const std::string& expiry, http::Headers& headers);

}  // namespace angophora::walrus
