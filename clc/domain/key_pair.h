// An EC2 key pair: the public half of an SSH key under a name.
#pragma once

#include <string>

#include "clc/domain/ids.h"
#include "clc/domain/tag.h"
#include "common/base/time.h"

namespace angophora::clc {

struct KeyPair {
  KeyPairId id;
  AccountId account;
  std::string name;
  std::string key_type;  // rsa or ed25519, as EC2 shows it
  std::string fingerprint;
  std::string public_key;  // a line of authorized_keys
  common::SysTime created_at{};
  Tags tags = {};
};

}  // namespace angophora::clc
