// The keys of the cloud itself. Read from disk at start, never changed while the
// daemon runs but for the masters.
#pragma once

#include <memory>
#include <string>

#include "common/crypto/key_ring.h"
#include "common/crypto/rsa.h"
#include "common/crypto/x509.h"

namespace angophora::clc {

struct KeyWithCertificate {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
};

struct CloudKeys {
  KeyWithCertificate signing;     // WS-Security, TLS and the registry's signature
  KeyWithCertificate encryption;  // what other daemons seal for this one
  // Opens the manifests of image bundles and serves nothing else. Losing it loses every image.
  KeyWithCertificate image;
  std::string secret;  // 32 bytes, for tokens that this daemon alone reads again
  std::shared_ptr<crypto::KeyRing> masters;  // seal the secrets of the database; never null
};

}  // namespace angophora::clc
