// What the operations on the locks of versions share.
#pragma once

#include "walrus/s3/access.h"

namespace angophora::walrus {

// S3Errc::invalid_request unless the bucket was made with Object Lock, or got it later.
Task<> check_bucket_locks(Services& services, S3Call& call);

}  // namespace angophora::walrus
