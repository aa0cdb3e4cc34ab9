// Retires the files that nothing refers to: what a crash has left between a file and its row. They
// are deleted a week later, so that a database that was lost or is an old one costs nothing.
#pragma once

#include "walrus/s3/operation.h"

namespace angophora::walrus {

// Looks at the blobs of earlier starts, folder by folder, while S3 is served; then once a day at
// what was retired. Ends when the daemon stops.
common::awaitable<void> sweep_blobs(Services& services);

}  // namespace angophora::walrus
