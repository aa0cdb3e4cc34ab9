// The cloud's accounts, users and keys, as far as S3 needs them.
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
  bool is_root = false;  // may do everything in the account
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

// What leads from one version to `present.version`.
struct IdentityChanges {
  IdentityList present;  // new or changed
  std::vector<common::AccountId> removed_accounts;
  std::vector<common::UserId> removed_users;
  std::vector<std::string> removed_keys;
  bool whole = false;  // what is not named in `present` is no more
  bool more = false;   // newer ones are yet to come
};

// A list that can be searched and brought up to date.
class Identities {
 public:
  Identities() = default;
  explicit Identities(IdentityList list);
  void apply(IdentityChanges changes);
  std::int64_t version() const { return version_; }
  std::size_t accounts() const { return accounts_.size(); }

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
  void put(Account account);
  void remove(const common::AccountId& id);

  std::int64_t version_ = 0;
  std::map<common::AccountId, Account> accounts_;
  std::map<std::string, common::AccountId> canonical_ids_;
  std::map<common::UserId, User> users_;
  std::map<std::string, AccessKey> keys_;
};

}  // namespace angophora::walrus
