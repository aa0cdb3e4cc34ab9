// What a new cloud begins with: the account that runs it, with one user and his credentials.
#pragma once

#include <string>

#include "clc/services.h"

namespace angophora::clc {

// Makes the account `angophora` with the user `admin` (an access key and an X.509 certificate)
// unless it exists, and writes STATE_DIR/administrator.json for `angophora credentials`. When the
// file got lost, or the daemon stopped in between, the user gets a new key and certificate.
Task<> ensure_administrator(Services& services);
// Certificates of a database that is older than their thumbprints.
Task<> ensure_thumbprints(Services& services);

// Reads the properties that were changed.
Task<> load_properties(Services& services);

}  // namespace angophora::clc
