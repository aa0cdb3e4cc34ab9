#include "clc/actions/iam_policies.h"

#include <charconv>

#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/roles.h"
#include "clc/store/user_groups.h"
#include "common/base/encoding.h"

namespace angophora::clc::actions {

Result<NamedEntity> find_entity(Tx& tx, const Caller& caller, EntityKind kind,
                                const std::string& name, const std::string& delegate) {
  if (kind == EntityKind::account) {
    TRY(auto account, account_of(tx, caller, name));
    const auto number = account.id;
    return NamedEntity{std::move(account), entity(number), name};
  }
  TRY(auto account, account_of(tx, caller, delegate));
  if (kind == EntityKind::user) {
    TRY(const auto user, user_of(tx, caller, account, name));
    return NamedEntity{std::move(account), entity(user.id), user.name};
  }
  if (kind == EntityKind::role) {
    TRY(const auto role, Roles(tx).find(account.id, name));
    return NamedEntity{std::move(account), entity(role.id), role.name};
  }
  TRY(const auto group, UserGroups(tx).find(account.id, name));
  return NamedEntity{std::move(account), entity(group.id), group.name};
}

const char* word_of(EntityKind kind) {
  switch (kind) {
    case EntityKind::user:
      return "user";
    case EntityKind::group:
      return "group";
    case EntityKind::role:
      return "role";
    case EntityKind::account:
      return "account";
  }
  return "";
}

Result<ManagedPolicy> find_own_policy(Tx& tx, const Caller& caller, const std::string& arn,
                                      const std::string& delegate) {
  TRY(const auto account, account_of(tx, caller, delegate));
  TRY(auto policy, ManagedPolicies(tx).find(account.id, arn));
  if (policy.account == account.id) return policy;
  return Error(RequestErrc::not_permitted,
               "The policy " + arn + " belongs to all accounts and cannot be changed.");
}

Error no_such_policy(EntityKind kind, const std::string& name) {
  return {IdentityErrc::not_found,
          std::string("The ") + word_of(kind) + " policy with name " + name + " cannot be found."};
}

Result<> check_no_policies(Tx& tx, const PolicyEntity& entity) {
  TRY(const auto parts, InlinePolicies(tx).of(entity));
  if (!parts.empty())
    return Error(IdentityErrc::conflict, "Cannot delete entity, must delete policies first.");
  TRY(const auto attached, ManagedPolicies(tx).attached_to(entity));
  if (attached.empty()) return common::ok();
  return Error(IdentityErrc::conflict, "Cannot delete entity, must detach all policies first.");
}

Result<> check_group_name(const char* parameter, const std::string& name) {
  if (is_user_group_name(name)) return common::ok();
  return invalid_value(parameter, name, "up to 128 letters, digits and characters of _+=,.@-");
}

Result<> check_policy_name(const std::string& name) {
  if (is_policy_name(name)) return common::ok();
  return invalid_value("PolicyName", name, "up to 128 letters, digits and characters of _+=,.@-");
}

Result<> check_path_prefix(const std::string& prefix) {
  if (is_path_prefix(prefix)) return common::ok();
  return invalid_value("PathPrefix", prefix, "up to 512 visible characters that begin with /");
}

Result<std::int64_t> version_number(const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  if (text.size() > 1 && text[0] == 'v') {
    const auto read = std::from_chars(text.data() + 1, end, number);
    if (read.ec == std::errc() && read.ptr == end && number > 0) return number;
  }
  return invalid_value("VersionId", text, "v and a number");
}

Result<> check_document(const std::string& document, const policy::Rules& rules) {
  TRY_VOID(policy::parse(document, rules));
  return common::ok();
}

void add_group(Element& into, const UserGroup& group) {
  into.add("Path", group.path).add("GroupName", group.name).add("GroupId", group.id);
  into.add("Arn", arn_of(group)).add("CreateDate", group.created_at);
}

void add_policy(Element& into, const ManagedPolicy& policy, std::int64_t attachments) {
  into.add("PolicyName", policy.name).add("PolicyId", policy.id).add("Arn", arn_of(policy));
  into.add("Path", policy.path);
  into.add("DefaultVersionId", "v" + std::to_string(policy.default_version));
  into.add("AttachmentCount", attachments).add("PermissionsBoundaryUsageCount", 0);
  into.add("IsAttachable", true);
  if (!policy.description.empty()) into.add("Description", policy.description);
  into.add("CreateDate", policy.created_at).add("UpdateDate", policy.updated_at);
}

void add_version(Element& into, const ManagedPolicy& policy, const PolicyVersion& version,
                 bool with_document) {
  if (with_document) into.add("Document", document_text(version.document));
  into.add("VersionId", "v" + std::to_string(version.version));
  into.add("IsDefaultVersion", version.version == policy.default_version);
  into.add("CreateDate", version.created_at);
}

std::string document_text(const std::string& document) { return common::percent_encode(document); }

}  // namespace angophora::clc::actions
