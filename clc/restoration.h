// What a cloud controller does first when its state came back from a backup.
#pragma once

#include "clc/services.h"

namespace angophora::clc {

// STATE_DIR/restored.json, which `angophora restore` leaves, says that this database is older than
// the cloud around it: moves its numbers on (store/restoration.h) and takes the file away. Nothing
// without it. Errc::corrupt for a file that cannot be read.
Task<> settle_restoration(Services& services);

}  // namespace angophora::clc
