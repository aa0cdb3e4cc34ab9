// The policies that are objects of their own, their versions, and what they are attached to.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/policies.h"
#include "clc/store/users.h"

namespace angophora::clc {

class ManagedPolicies {
 public:
  explicit ManagedPolicies(Tx& tx) : tx_(tx) {}

  // With its first version. IdentityErrc::exists for a name that the account has, in any case.
  Result<> insert(const ManagedPolicy& policy, const std::string& document);
  // One of the account's or of those that all accounts may attach. IdentityErrc::not_found.
  Result<ManagedPolicy> find(const AccountId& account, const std::string& arn);
  Result<std::optional<ManagedPolicy>> find(const PolicyId& id);
  Result<std::vector<ManagedPolicy>> page(const AccountId& account, const NamePage& page);
  Result<> remove(const PolicyId& id);  // with its versions; it is attached to nothing
  Result<> remove_all(const AccountId& account);

  Result<std::vector<PolicyVersion>> versions(const PolicyId& id);  // the newest first
  Result<PolicyVersion> version(const ManagedPolicy& policy, std::int64_t version);  // not_found
  // Its number is the policy's last_version + 1.
  Result<std::int64_t> add_version(const ManagedPolicy& policy, const std::string& document,
                                   common::SysTime now);
  Result<> set_default(const PolicyId& id, std::int64_t version, common::SysTime now);
  Result<> remove_version(const PolicyId& id, std::int64_t version);

  // To what `account` has; nothing changes when it is already.
  Result<> attach(const ManagedPolicy& policy, const AccountId& account,
                  const PolicyEntity& entity);
  Result<std::int64_t> attachments(const PolicyId& id, const AccountId& account);
  Result<bool> detach(const PolicyId& id, const PolicyEntity& entity);
  Result<> detach_all(const PolicyEntity& entity);
  Result<std::vector<ManagedPolicy>> attached_to(const PolicyEntity& entity);  // by name
  // Documents of the default versions.
  Result<std::vector<InlinePolicy>> documents_of(const PolicyEntity& entity);
  Result<std::vector<std::string>> users_of(const PolicyId& id, const AccountId& account);
  Result<std::vector<std::string>> groups_of(const PolicyId& id, const AccountId& account);
  Result<std::vector<std::string>> roles_of(const PolicyId& id, const AccountId& account);

 private:
  Tx& tx_;
};

// Inline policies and attachments of one that goes.
Result<> remove_policies(Tx& tx, const PolicyEntity& entity);

}  // namespace angophora::clc
