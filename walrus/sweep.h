// Removes the files that nothing refers to: what a crash has left between a file and its row.
#pragma once

#include "walrus/s3/operation.h"

namespace angophora::walrus {

// Looks at the blobs of earlier starts, folder by folder, while S3 is served.
common::awaitable<void> sweep_blobs(Services& services);

}  // namespace angophora::walrus
