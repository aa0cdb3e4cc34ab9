// The cloud's accounts, users, groups, keys and policies, as far as S3 needs them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/id.h"
#include "common/base/result.h"

namespace angophora::walrus {

struct PolicyText {
  std::string name;
  std::string document;
};

// Of an account, user or group: policies of its own, and the ids of managed ones.
struct PolicySet {
  std::vector<PolicyText> own = {};
  std::vector<std::string> attached = {};
};

struct Account {
  common::AccountId id;
  std::string name;
  std::string canonical_id;  // 64 hex digits; how S3 names an account
  PolicySet policies = {};   // its ceiling
};

struct User {
  common::UserId id;
  common::AccountId account;
  std::string name;
  std::string arn;
  bool is_root = false;                  // may do everything in the account
  std::vector<std::string> groups = {};  // their ids
  PolicySet policies = {};
  bool is_enabled = true;  // else sessions of the user are over
};

struct UserGroup {
  std::string id;
  std::string name;
  PolicySet policies = {};
};

struct Role {
  std::string id;
  common::AccountId account;
  std::string arn;
  PolicySet policies = {};
};

// Opens the tokens of temporary credentials.
struct SealedTokenKey {
  std::string id;
  std::string sealed;  // to Walrus' encryption key
};

struct ManagedPolicy {
  std::string id;
  PolicyText text;  // of its default version
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
  std::vector<UserGroup> groups = {};
  std::vector<ManagedPolicy> policies = {};
  std::vector<Role> roles = {};
  std::vector<SealedTokenKey> token_keys = {};  // all; none in changes: those from before count
};

// Account numbers by canonical id.
using AccountNumbers = std::map<std::string, common::AccountId>;

// What leads from one version to `present.version`.
struct IdentityChanges {
  IdentityList present;  // new or changed
  std::vector<common::AccountId> removed_accounts;
  std::vector<common::UserId> removed_users;
  std::vector<std::string> removed_keys;
  std::vector<std::string> removed_groups = {};
  std::vector<std::string> removed_policies = {};
  std::vector<std::string> removed_roles = {};
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
  const UserGroup* group(const std::string& id) const;
  const ManagedPolicy* policy(const std::string& id) const;
  const Role* role(const std::string& id) const;
  const User* user(const common::UserId& id) const;
  const std::vector<SealedTokenKey>& token_keys() const { return token_keys_; }
  // As of now; any thread may keep it.
  std::shared_ptr<const AccountNumbers> account_numbers() const { return canonical_ids_; }

 private:
  void put(Account account);
  void remove(const common::AccountId& id);

  std::int64_t version_ = 0;
  std::map<common::AccountId, Account> accounts_;
  AccountNumbers& own_canonical_ids();
  std::shared_ptr<AccountNumbers> canonical_ids_ = std::make_shared<AccountNumbers>();
  std::map<common::UserId, User> users_;
  std::map<std::string, AccessKey> keys_;
  std::map<std::string, UserGroup> groups_;
  std::map<std::string, ManagedPolicy> policies_;
  std::map<std::string, Role> roles_;
  std::vector<SealedTokenKey> token_keys_;
};

}  // namespace angophora::walrus
