// The keys of the cloud itself. Read from disk at start, never changed while the daemon runs.
#pragma once

#include <string>

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
};

}  // namespace angophora::clc
