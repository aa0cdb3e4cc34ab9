#include "clc/domain/secrets.h"

namespace angophora::clc {

common::Result<AccessKey> sealed(const crypto::KeyRing& masters, AccessKey key,
                                 std::string_view nonce) {
  TRY(key.secret, masters.seal(key.secret, "access key " + key.id, nonce));
  return key;
}

common::Result<std::string> open_secret(const crypto::KeyRing& masters, const AccessKey& key) {
  if (!crypto::KeyRing::is_sealed(key.secret)) return key.secret;
  return masters.open(key.secret, "access key " + key.id);
}

common::Result<std::string> sealed_token(const crypto::KeyRing& masters, const std::string& id,
                                         std::string_view secret, std::string_view nonce) {
  return masters.seal(secret, "enrolment token " + id, nonce);
}

common::Result<std::string> open_token(const crypto::KeyRing& masters, const std::string& id,
                                       const std::string& kept) {
  if (!crypto::KeyRing::is_sealed(kept)) return kept;
  return masters.open(kept, "enrolment token " + id);
}

}  // namespace angophora::clc
