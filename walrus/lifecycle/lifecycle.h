// Carries the lifecycle rules of buckets out: once a day over every bucket that has some, page by
// page, each page in a transaction of its own.
#pragma once

#include "walrus/documents/lifecycle.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// Ends when the daemon stops.
common::awaitable<void> follow_lifecycle_rules(Services& services);

// One pass over all buckets; how many versions and uploads it removed or moved.
Task<std::size_t> apply_lifecycle(Services& services);

}  // namespace angophora::walrus
