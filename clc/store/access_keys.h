// The access keys of users; their secrets sealed (clc/domain/secrets.h).
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
  // Some of those whose secrets are plain or sealed with another master than that, by id.
  Result<std::vector<AccessKey>> not_sealed_with(std::string_view master_id, std::string_view after,
                                                 std::size_t limit);
  Result<> set_secret(std::string_view id, std::string_view sealed);  // the same secret
  Result<> set_active(std::string_view id, bool active);
  Result<> remove(std::string_view id);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
