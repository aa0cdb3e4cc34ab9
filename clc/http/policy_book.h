// The policies that count for each user: those of the user, of the user's groups and of the
// account, parsed once and kept until any identity of the cloud changes.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "clc/domain/caller.h"
#include "clc/store/rows.h"
#include "common/policy/evaluate.h"

namespace angophora::clc {

// Any thread.
class PolicyBook {
 public:
  // As the transaction sees them. An account's root has no policies but the account's.
  Result<std::shared_ptr<const policy::Policies>> of(Tx& tx, const Caller& caller);

 private:
  std::mutex mutex_;
  std::int64_t version_ = -1;  // of all identities
  std::map<common::UserId, std::shared_ptr<const policy::Policies>> known_;
};

}  // namespace angophora::clc
