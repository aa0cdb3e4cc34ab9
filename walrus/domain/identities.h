// The cloud's accounts, users and keys, as far as S3 needs them: one complete list of one version.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/id.h"
#include "common/base/result.h"

namespace angophora::walrus {

struct Account {
  common::AccountId id;
  std::string name;
  std::string canonical_id;  // 64 hex digits; how S3 names an account
};

struct User {
  common::UserId id;
  common::AccountId account;
  std::string name;
  std::string arn;
};

struct AccessKey {
  std::string id;
  common::UserId user;
  std::string sealed_secret;  // to Walrus' encryption key
  bool active = true;
};

struct IdentityList {
  std::int64_t version = 0;
  std::vector<Account> accounts;
  std::vector<User> users;
  std::vector<AccessKey> keys;
};

// A list that can be searched. Never changes once made.
class Identities {
 public:
  explicit Identities(IdentityList list);
  std::int64_t version() const { return version_; }

  struct KeyOwner {
    AccessKey key;
    User user;
    Account account;
  };
  // Nothing for a key that is unknown, inactive or of nobody.
  std::optional<KeyOwner> find_key(const std::string& access_key) const;
  const Account* account(const common::AccountId& id) const;
  const Account* account_of_canonical_id(const std::string& canonical_id) const;

 private:
  std::int64_t version_;
  std::map<common::AccountId, Account> accounts_;
  std::map<std::string, common::AccountId> canonical_ids_;
  std::map<common::UserId, User> users_;
  std::map<std::string, AccessKey> keys_;
};

// As kept in the database (JSON); secrets stay sealed.
std::string store_identities(const IdentityList& list);
common::Result<IdentityList> load_identities(const std::string& text);

}  // namespace angophora::walrus
