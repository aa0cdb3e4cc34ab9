// Which policies count for somebody: those of the account, of the user and of its groups, or of the
// role, read and parsed.
#pragma once

#include <string>
#include <vector>

#include "clc/domain/identity.h"
#include "clc/domain/policies.h"
#include "clc/store/rows.h"
#include "common/policy/evaluate.h"

namespace angophora::clc {

// Who has them: a session has those of its role or user.
struct PolicyHolder {
  bool is_role = false;
  std::string id;
};
PolicyHolder holder_of(const Caller& caller);

// Without what limits a session. A root has no policies but the account's.
Result<policy::Policies> held_policies(Tx& tx, const Caller& caller, const PolicyHolder& holder);

// `documents` as policies called OWNER/NAME. Errc::corrupt for one that was taken once and is not
// understood any more: it lets nobody do anything.
Result<> add_documents(const std::vector<InlinePolicy>& documents, const std::string& owner,
                       const policy::Rules& rules, std::vector<policy::NamedPolicy>& into);

// A user, group or role of that name as somebody who asks: a group as one of its users.
// IdentityErrc::not_found.
struct Asker {
  policy::Principal principal;
  policy::Policies policies;
};
Result<Asker> find_asker(Tx& tx, const Account& account, EntityKind kind, const std::string& name);

}  // namespace angophora::clc
