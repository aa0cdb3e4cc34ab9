// What accounts and users have of what is limited, and what limits them.
#pragma once

#include <string>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/domain/policies.h"
#include "clc/domain/quota.h"
#include "clc/store/rows.h"

namespace angophora::clc {

// A policy in which quotas may stand, and whose it is.
struct LimitingPolicy {
  bool of_account = false;  // else the user's or that of a group that the user is in
  InlinePolicy policy;
};

class QuotaUsage {
 public:
  explicit QuotaUsage(Tx& tx) : tx_(tx) {}

  // All that counts against the quota now.
  Result<std::int64_t> of(Quota quota, const AccountId& account);
  // Of that what the user made. None of a quota that is not counted for users.
  Result<std::int64_t> of(Quota quota, const UserId& user);

  // Notes who made something that counts, of which `quota` tells the kind. What nobody is noted
  // for counts for the account alone.
  Result<> note_maker(Quota quota, std::string_view id, const UserId& user);

  // The policies of the account, of the user (unless "") and of the user's groups that are part of
  // them: no others can limit.
  Result<std::vector<LimitingPolicy>> policies(const AccountId& account, const UserId& user);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
