// The policies that count for each user or role: the user's own, those of the user's groups and of
// the account. Documents are parsed once; a user's are put together once after each change of any
// identity.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "common/policy/evaluate.h"
#include "common/sessions/session.h"
#include "walrus/domain/identities.h"

namespace angophora::walrus {

using common::Error;
using common::Result;

// I/O thread only.
class PolicyShelf {
 public:
  // The root of an account has no policies but the account's. S3Errc::service_unavailable while
  // what the user depends on is not all there: a Deny might be missing.
  Result<std::shared_ptr<const policy::Policies>> of(const Identities& identities,
                                                     const Account& account, const User& user);
  Result<std::shared_ptr<const policy::Policies>> of(const Identities& identities,
                                                     const Account& account, const Role& role);
  // What a session may at most beside `held`.
  Result<std::shared_ptr<const policy::Policies>> limited(
      const Identities& identities, std::shared_ptr<const policy::Policies> held,
      const sessions::Session& session);
  // Some identity has changed.
  void forget_users() { users_.clear(); }

 private:
  Result<policy::Document> parsed(const PolicyText& text, policy::Grammar grammar);
  Result<> add(const Identities& identities, const PolicySet& set, const std::string& owner,
               policy::Grammar grammar, std::vector<policy::NamedPolicy>& into);
  Result<policy::Policies> put_together(const Identities& identities, const Account& account,
                                        const User& user);
  std::shared_ptr<const policy::Policies> keep(const std::string& id, policy::Policies all);

  std::map<std::string, std::shared_ptr<const policy::Policies>> users_;  // and roles, by id
  std::unordered_map<std::string, policy::Document> documents_;           // by grammar and text
};

}  // namespace angophora::walrus
