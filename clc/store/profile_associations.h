// Which instance has which instance profile. An instance has one at most, until it ends.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/profile_use.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class ProfileAssociations {
 public:
  explicit ProfileAssociations(Tx& tx) : tx_(tx) {}

  // In place of the one that the instance has.
  Result<> put(const ProfileAssociation& association);
  Result<std::optional<ProfileAssociation>> of_instance(const InstanceId& instance);
  Result<std::optional<ProfileAssociation>> find(const AccountId& account, std::string_view id);
  // By id; an empty account means all accounts.
  Result<std::vector<ProfileAssociation>> list(const AccountId& account);
  Result<> remove(const InstanceId& instance);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
