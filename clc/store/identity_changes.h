// When each account, user, key, certificate, group, role and managed policy was last changed, for
// those who keep a copy. Every change gets a version of its own, and versions only grow; what is no
// longer there stays listed with the version in which it went.
#pragma once

#include <string>
#include <vector>

#include "clc/domain/policies.h"
#include "clc/store/rows.h"

namespace angophora::clc {

enum class IdentityKind { account, user, access_key, certificate, group, policy, role };
std::string_view to_string(IdentityKind kind);

struct IdentityChange {
  std::int64_t version = 0;
  IdentityKind kind = IdentityKind::account;
  std::string id;
};

class IdentityChanges {
 public:
  explicit IdentityChanges(Tx& tx) : tx_(tx) {}
  Result<> note(IdentityKind kind, std::string_view id);
  Result<> note(const PolicyEntity& entity);  // its policies have changed
  // The oldest `limit` of those that are newer than `version`, in their order.
  Result<std::vector<IdentityChange>> after(std::int64_t version, std::size_t limit);
  // The newest.
  Result<std::int64_t> version();

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
