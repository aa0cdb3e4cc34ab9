// Gives back what is dead in packs: a pack of which less than half lives is written anew into the
// present one, and a pack without living blobs goes. One that holds what the database knows nothing
// of (it may be an old one) is retired first, as sweep.h says.
#pragma once

#include "walrus/s3/operation.h"

namespace angophora::walrus {

// Looks now and then until the daemon stops.
common::awaitable<void> collect_packs(Services& services);

// One look, also for tests. `all` looks also at packs whose dead bytes the database has not
// counted, and finds blobs that an old database believes in packs that are gone.
Task<> look_at_packs(Services& services, bool all);

}  // namespace angophora::walrus
