#include "clc/actions/iam_roles.h"

#include "clc/store/accounts.h"
#include "clc/store/roles.h"
#include "clc/store/users.h"

namespace angophora::clc::actions {
namespace {

constexpr const char* kNameCharacters = "letters, digits and characters of _+=,.@-";

Error no_such_principal(const std::string& principal) {
  return {policy::PolicyErrc::malformed,
          "Invalid principal in policy: \"AWS\":\"" + principal + "\""};
}

// The account in "arn:aws:iam::ACCOUNT:..." or "arn:aws:sts::ACCOUNT:...".
AccountId account_in(std::string_view arn) {
  for (int colons = 0; colons < 4; ++colons) {
    const auto at = arn.find(':');
    if (at == std::string_view::npos) return {};
    arn.remove_prefix(at + 1);
  }
  return AccountId(std::string(arn.substr(0, arn.find(':'))));
}

// Who is named must be there: a name that is taken later would be trusted without anybody's doing.
Result<> check_principal(Tx& tx, const std::string& principal) {
  if (principal.starts_with("AIDA")) {
    TRY(const auto user, Users(tx).find(UserId(principal)));
    return user ? Result<>(common::ok()) : no_such_principal(principal);
  }
  if (principal.starts_with("AROA")) {
    TRY(const auto role, Roles(tx).find(RoleId(principal)));
    return role ? Result<>(common::ok()) : no_such_principal(principal);
  }
  const bool is_number = is_account_number(principal);
  TRY(const auto account,
      Accounts(tx).find(is_number ? AccountId(principal) : account_in(principal)));
  if (!account) return no_such_principal(principal);
  if (principal.find(":role/") != std::string::npos) {
    TRY(const auto role, Roles(tx).find_by_arn(principal));
    return role ? Result<>(common::ok()) : no_such_principal(principal);
  }
  if (principal.find(":user/") != std::string::npos) {
    const auto user = Users(tx).find(account->id, principal.substr(principal.rfind('/') + 1));
    if (!user || arn_of(user.assume_value()) != principal) return no_such_principal(principal);
    return common::ok();
  }
  const bool is_provider = principal.find("-provider/") != std::string::npos;
  return is_provider ? no_such_principal(principal) : Result<>(common::ok());
}

}  // namespace

Result<> check_role_name(const std::string& name) {
  if (is_role_name(name)) return common::ok();
  return invalid_value("RoleName", name, std::string("up to 64 ") + kNameCharacters);
}

Result<> check_instance_profile_name(const std::string& name) {
  if (is_instance_profile_name(name)) return common::ok();
  return invalid_value("InstanceProfileName", name, std::string("up to 128 ") + kNameCharacters);
}

Result<> check_description(const std::string& text) {
  if (text.size() <= kDescriptionMax) return common::ok();
  return invalid_value("Description", text.substr(0, 40), "up to 1000 characters");
}

Result<> check_session_max(std::int64_t seconds) {
  if (seconds >= kRoleSessionMin.count() && seconds <= kRoleSessionMax.count()) return common::ok();
  return invalid_value("MaxSessionDuration", std::to_string(seconds), "3600 to 43200");
}

Result<> check_trust(Tx& tx, const std::string& document) {
  TRY(const auto parsed, policy::parse(document, policy::trust_rules()));
  for (const auto& principal : parsed.named_principals()) TRY_VOID(check_principal(tx, principal));
  return common::ok();
}

void add_role(Element& into, const Role& role) {
  into.add("Path", role.path).add("RoleName", role.name).add("RoleId", role.id);
  into.add("Arn", arn_of(role)).add("CreateDate", role.created_at);
  into.add("AssumeRolePolicyDocument", document_text(role.trust));
  if (!role.description.empty()) into.add("Description", role.description);
  into.add("MaxSessionDuration", role.session_max.count());
}

Result<ProfileWithRole> with_role(Tx& tx, InstanceProfile profile) {
  ProfileWithRole entry{std::move(profile), std::nullopt};
  if (!entry.profile.role.value.empty()) {
    TRY(entry.role, Roles(tx).find(entry.profile.role));
  }
  return entry;
}

void add_instance_profile(Element& into, const ProfileWithRole& entry) {
  const auto& profile = entry.profile;
  into.add("Path", profile.path).add("InstanceProfileName", profile.name);
  into.add("InstanceProfileId", profile.id).add("Arn", arn_of(profile));
  into.add("CreateDate", profile.created_at);
  auto& roles = into.child("Roles");
  if (entry.role) add_role(roles.child("member"), *entry.role);
}

}  // namespace angophora::clc::actions
