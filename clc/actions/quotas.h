// Judges in the transaction that takes something whether the account, and the user who asks, may
// have that much.
//
// What an account may have say the quotas in its own policies, which the operator sets; where they
// say nothing, a property of the cloud does. A user has a limit of his own when a policy of his or
// of one of his groups sets one: it counts what he made, beside the account's.
#pragma once

#include <vector>

#include "clc/actions/action.h"
#include "clc/domain/identity.h"
#include "clc/domain/quota.h"
#include "clc/store/quota_usage.h"

namespace angophora::clc {

// What one object takes of a quota.
struct Taking {
  Quota quota;
  std::int64_t each = 1;
};

// The limits of one scope, an account or a user, out of the policies that one transaction saw.
class QuotaLimits {
 public:
  struct Limit {
    std::int64_t most;
    std::string source;  // "the policy quotas", "the property cloud.volumes_max"
  };
  // Of the account, and of the user unless "". Errc::corrupt for a policy that is not understood.
  static Result<QuotaLimits> load(Tx& tx, const QuotaDefaults& defaults, const AccountId& account,
                                  const UserId& user);
  std::optional<Limit> of_account(Quota quota) const;
  std::optional<Limit> of_user(Quota quota) const;

 private:
  explicit QuotaLimits(QuotaDefaults defaults) : defaults_(std::move(defaults)) {}
  QuotaDefaults defaults_;
  std::vector<policy::NamedPolicy> account_, user_;
};

// A caller's. Made on the I/O thread, used in transactions.
class Quotas {
 public:
  Quotas(const Services& s, const Caller& caller);

  // How many objects that each take that may be made, up to `most`. When it is less than `least`:
  // the error of the quota that stands in the way, with a sentence that names it, what there is,
  // who set it, and how it is changed.
  Result<std::int64_t> admit(Tx& tx, const std::vector<Taking>& takings, std::int64_t least = 1,
                             std::int64_t most = 1) const;
  // Notes that the caller made it, which counts against the user's own limits.
  Result<> made(Tx& tx, Quota quota, std::string_view id) const;

 private:
  QuotaDefaults defaults_;
  AccountId account_;
  std::string account_name_;
  UserId user_;  // "" of the root and of roles, who have no limits of their own
  std::string user_name_;
};

// The limit that `account` has, whatever its users have of their own.
Result<std::int64_t> account_limit(Tx& tx, const QuotaDefaults& defaults, const AccountId& account,
                                   Quota quota);

}  // namespace angophora::clc
