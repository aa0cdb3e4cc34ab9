// The part of the identities' copy that says what users may do: policies, groups, who is in
// them, roles and what opens their tokens.
#pragma once

#include "common/db/database.h"
#include "walrus/domain/identities.h"

namespace angophora::walrus {

using common::Result;
using db::Tx;

class IdentityPolicies {
 public:
  explicit IdentityPolicies(Tx& tx) : tx_(tx) {}
  // Adds to accounts and users of `list` what belongs to them, and all groups and policies.
  Result<> load(IdentityList& list);
  Result<> put(const IdentityList& list);
  Result<> remove(const IdentityChanges& changes);
  Result<> remove_all();

 private:
  Result<> set(const std::string& entity, const PolicySet& policies);
  Result<> set_groups(const User& user);
  Result<> put_roles(const IdentityList& list);
  Tx& tx_;
};

}  // namespace angophora::walrus
