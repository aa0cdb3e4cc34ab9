// A component's own keys: one to sign messages and speak TLS, one that others encrypt to. Made at
// first start, kept in STATE_DIR/keys as PEM, mode 0600.
#pragma once

#include <string>

#include "common/crypto/rsa.h"
#include "common/crypto/x509.h"
#include "common/registry/files.h"
#include "common/runtime/runtime.h"
#include "common/soap/peers.h"

namespace angophora::registry {

struct Identity {
  crypto::PrivateKey signing_key;
  crypto::Certificate signing_certificate;
  crypto::PrivateKey encryption_key;
  crypto::Certificate encryption_certificate;

  soap::Self self(common::ServiceName name) const {
    return {std::move(name), signing_key, signing_certificate};
  }
};

// Reads STATE_DIR/keys/{signing,encryption}.{key,crt}; makes what is missing. `common_name` says in
// a certificate what made it; nobody judges by it. A key whose certificate is another's is
// Errc::corrupt. Blocking: call on the pool.
Result<Identity> load_or_make_identity(const std::string& state_dir, const std::string& common_name,
                                       common::Runtime& runtime);

// The key in that PEM file, which is made when it is not there. Blocking.
Result<crypto::PrivateKey> load_or_make_key(const std::string& path);

}  // namespace angophora::registry
