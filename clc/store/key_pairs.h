// Key pairs of accounts.
#pragma once

#include <vector>

#include "clc/domain/key_pair.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class KeyPairs {
 public:
  explicit KeyPairs(Tx& tx) : tx_(tx) {}
  // KeyPairErrc::duplicate when the account has one of that name, too_many when it has `count_max`.
  Result<> insert(const KeyPair& key, std::int64_t count_max);
  // KeyPairErrc::not_found. Without its tags.
  Result<KeyPair> find(const AccountId& account, std::string_view name);
  Result<std::vector<KeyPair>> list(const AccountId& account);  // by name
  Result<std::int64_t> count(const AccountId& account);
  // Whether there was one. An empty name or id does not count.
  Result<bool> remove(const AccountId& account, std::string_view name, const KeyPairId& id);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
