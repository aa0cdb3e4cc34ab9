// The access keys of users.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/identity.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class AccessKeys {
 public:
  explicit AccessKeys(Tx& tx) : tx_(tx) {}

  Result<> insert(const AccessKey& key);  // IdentityErrc::exists
  Result<std::optional<AccessKey>> find(std::string_view id);
  // IdentityErrc::not_found when that user has no such key.
  Result<AccessKey> find(const UserId& user, std::string_view id);
  Result<std::vector<AccessKey>> of(const UserId& user);  // by id
  Result<> set_active(std::string_view id, bool active);
  Result<> remove(std::string_view id);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
