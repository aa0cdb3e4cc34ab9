// The keys of everybody in a simulation. Made once for all of them: they are slow to make, and
// nothing that a simulation does depends on their bits.
#pragma once

#include <map>
#include <string>

#include "clc/domain/cloud_keys.h"
#include "common/base/id.h"

namespace angophora::sim {

// One component's key; it signs with it, and the others encrypt to it.
struct ComponentKey {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
};

// The only user of an account, and what proves that a request is theirs.
struct UserKeys {
  std::string account;
  std::string access_key, secret;  // S3's requests are signed with them
  crypto::PrivateKey key;          // the manifests of images are signed with it
  crypto::Certificate certificate;
};

inline const char* const kAccounts[] = {"123456789012", "210987654321"};

class Keys {
 public:
  Keys();
  const clc::CloudKeys& cloud() const;
  const ComponentKey& of(const common::ServiceName& component) const {
    return components_.at(component);
  }
  const UserKeys& of_user(const std::string& account) const { return users_.at(account); }

 private:
  std::map<common::ServiceName, ComponentKey> components_;
  std::map<std::string, UserKeys> users_;
};

}  // namespace angophora::sim
