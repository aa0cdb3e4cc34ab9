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
  // Without what limits a session.
  Result<std::shared_ptr<const policy::Policies>> of_holder(Tx& tx, const Caller& caller);
  std::mutex mutex_;
  std::int64_t version_ = -1;                                             // of all identities
  std::map<std::string, std::shared_ptr<const policy::Policies>> known_;  // by user or role
};

}  // namespace angophora::clc
