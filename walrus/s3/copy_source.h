// The object that a copy takes its bytes from.
#pragma once

#include "walrus/s3/access.h"

namespace angophora::walrus {

// Found, readable by the caller, and its x-amz-copy-source-if-* conditions hold.
// S3Errc::precondition_failed and those of find_object().
Task<Object> find_copy_source(Services& services, S3Call& call);

}  // namespace angophora::walrus
