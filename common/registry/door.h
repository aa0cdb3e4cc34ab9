// What a public door shows to TLS clients that judge by a name: a certificate for a key of its own,
// issued by the component's signing key. So one file with the signing certificates of the
// components that have public doors is all that a client needs to trust.
#pragma once

#include <string>

#include "common/http/server.h"
#include "common/runtime/runtime.h"
#include "common/soap/peers.h"

namespace angophora::registry {

using common::Result;

// `names`: host names and addresses under which clients reach the door, between commas or spaces;
// "*.example.org" covers one label. This machine's own name and loopback are always among them. The
// key is kept in STATE_DIR/keys/door.key; the certificate is made anew at each start, so that it
// always fits the settings. Errc::invalid_argument names a name that cannot stand in a certificate.
// Blocking: call at start or on the pool.
Result<http::TlsIdentity> make_door_identity(const std::string& state_dir, const soap::Self& issuer,
                                             const std::string& names, common::Runtime& runtime);

}  // namespace angophora::registry
