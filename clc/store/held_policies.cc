#include "clc/store/held_policies.h"

#include "clc/domain/roles.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/roles.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"

namespace angophora::clc {
namespace {

Result<> add_entity(Tx& tx, const PolicyEntity& entity, const std::string& name,
                    std::vector<policy::NamedPolicy>& into) {
  TRY(const auto parts, InlinePolicies(tx).of(entity));
  TRY_VOID(add_documents(parts, name, inline_rules(entity.kind), into));
  TRY(const auto attached, ManagedPolicies(tx).documents_of(entity));
  return add_documents(attached, name, policy::managed_rules(), into);
}

}  // namespace

Result<> add_documents(const std::vector<InlinePolicy>& documents, const std::string& owner,
                       const policy::Rules& rules, std::vector<policy::NamedPolicy>& into) {
  for (const auto& one : documents) {
    auto parsed = policy::parse(one.document, rules);
    if (!parsed)
      return Error(common::Errc::corrupt,
                   "the policy " + owner + "/" + one.name + ": " + parsed.error().message);
    into.push_back({owner + "/" + one.name, std::move(parsed).assume_value()});
  }
  return common::ok();
}

PolicyHolder holder_of(const Caller& caller) {
  if (!caller.session) return {false, caller.user.value};
  const auto& session = caller.session->session;
  return {session.kind == sessions::Session::Kind::role, session.issuer};
}

Result<policy::Policies> held_policies(Tx& tx, const Caller& caller, const PolicyHolder& holder) {
  policy::Policies policies;
  TRY_VOID(add_entity(tx, entity(caller.account), caller.account_name, policies.account));
  if (holder.is_role) {
    TRY_VOID(add_entity(tx, entity(RoleId(holder.id)), caller.user_arn, policies.identity));
    return policies;
  }
  const UserId user(holder.id);
  TRY(const auto row, Users(tx).find(user));
  if (caller.is_root || (row && row->is_root)) return policies;
  TRY_VOID(add_entity(tx, entity(user), row ? row->name : caller.user_name, policies.identity));
  TRY(const auto groups, UserGroups(tx).groups_of(user));
  for (const auto& group : groups)
    TRY_VOID(add_entity(tx, entity(group.id), "group " + group.name, policies.identity));
  return policies;
}

Result<Asker> find_asker(Tx& tx, const Account& account, EntityKind kind, const std::string& name) {
  Caller caller;
  Asker asker;
  if (kind == EntityKind::group) {
    TRY(const auto group, UserGroups(tx).find(account.id, name));
    asker.principal = policy::Principal::user(account.id.value, "member-of-" + name, "AIDAMEMBER");
    TRY_VOID(add_entity(tx, entity(account.id), account.name, asker.policies.account));
    TRY_VOID(add_entity(tx, entity(group.id), "group " + group.name, asker.policies.identity));
    return asker;
  }
  if (kind == EntityKind::role) {
    TRY(const auto role, Roles(tx).find(account.id, name));
    sessions::Session session;
    session.kind = sessions::Session::Kind::role;
    session.account = account.id.value;
    session.issuer = role.id.value;
    session.name = "explained";
    set_session(caller, account, std::move(session), arn_of(role));
  } else {
    TRY(const auto user, Users(tx).find(account.id, name));
    set_user(caller, account, user);
  }
  asker.principal = principal_of(caller);
  TRY(asker.policies, held_policies(tx, caller, holder_of(caller)));
  return asker;
}

}  // namespace angophora::clc
