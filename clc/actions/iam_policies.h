// What the actions of groups and policies share: whose policies, documents and elements.
#pragma once

#include "clc/actions/iam.h"
#include "clc/domain/policies.h"

namespace angophora::clc::actions {

// Somebody who has policies, as a request names it.
struct NamedEntity {
  Account account;
  PolicyEntity entity;
  std::string name;
};
// The user, group, role or account of that name; an account is named as DelegateAccount names it.
// IdentityErrc::not_found.
Result<NamedEntity> find_entity(Tx& tx, const Caller& caller, EntityKind kind,
                                const std::string& name, const std::string& delegate);
// "user", "group", "role", "account"; and UserName, GroupName, RoleName, AccountName.
const char* word_of(EntityKind kind);
constexpr const char* name_element(EntityKind kind) {
  switch (kind) {
    case EntityKind::user:
      return "UserName";
    case EntityKind::group:
      return "GroupName";
    case EntityKind::role:
      return "RoleName";
    case EntityKind::account:
      return "AccountName";
  }
  return "";
}
// A managed policy of the account itself. IdentityErrc::not_found; RequestErrc::not_permitted for
// one that is everybody's.
Result<ManagedPolicy> find_own_policy(Tx& tx, const Caller& caller, const std::string& arn,
                                      const std::string& delegate);
// IdentityErrc::not_found of an inline policy.
Error no_such_policy(EntityKind kind, const std::string& name);
// IdentityErrc::conflict for one that cannot be deleted because it has policies.
Result<> check_no_policies(Tx& tx, const PolicyEntity& entity);

// Names as IAM takes them, else a refusal that names the parameter.
Result<> check_group_name(const char* parameter, const std::string& name);
Result<> check_policy_name(const std::string& name);
Result<> check_path_prefix(const std::string& prefix);
// "v3" is 3.
Result<std::int64_t> version_number(const std::string& text);

// policy::PolicyErrc for a document that is not what `rules` ask for.
Result<> check_document(const std::string& document, const policy::Rules& rules);

void add_group(Element& into, const UserGroup& group);
// `attachments` are those of the caller's account.
void add_policy(Element& into, const ManagedPolicy& policy, std::int64_t attachments);
void add_version(Element& into, const ManagedPolicy& policy, const PolicyVersion& version,
                 bool with_document);
// As IAM hands documents out: percent-encoded.
std::string document_text(const std::string& document);

}  // namespace angophora::clc::actions
