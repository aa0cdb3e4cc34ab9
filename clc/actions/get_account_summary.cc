// GetAccountSummary: how many identities the account has and may have.
#include "clc/actions/iam.h"
#include "clc/store/access_keys.h"
#include "clc/store/managed_policies.h"
#include "clc/store/roles.h"
#include "clc/store/signing_certificates.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"

namespace angophora::clc::actions::get_account_summary {
namespace {

struct Request {
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::delegate>("DelegateAccount"),
};

struct Summary {
  std::int64_t users = 0, groups = 0, roles = 0, profiles = 0, policies = 0;
  bool root_has_keys = false, root_has_certificates = false;
};

Result<Summary> summarize(Tx& tx, const Caller& caller, const std::string& delegate) {
  TRY(const auto account, account_of(tx, caller, delegate));
  Summary summary;
  TRY(summary.users, Users(tx).count(account.id));
  TRY(summary.groups, UserGroups(tx).count(account.id));
  TRY(summary.roles, Roles(tx).count(account.id));
  TRY(summary.profiles, InstanceProfiles(tx).count(account.id));
  TRY(summary.policies, ManagedPolicies(tx).count(account.id));
  TRY(const auto root, Users(tx).root_of(account.id));
  TRY(const auto keys, AccessKeys(tx).of(root.id));
  TRY(const auto certificates, SigningCertificates(tx).of(root.id));
  summary.root_has_keys = !keys.empty();
  summary.root_has_certificates = !certificates.empty();
  return summary;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) { return summarize(tx, caller, request.delegate); };
  CO_TRY(const auto summary, co_await s.db.read(find));
  const std::pair<const char*, std::int64_t> figures[] = {
      {"Users", summary.users},
      {"UsersQuota", s.properties.number("cloud.users_max")},
      {"Groups", summary.groups},
      {"GroupsQuota", s.properties.number("cloud.user_groups_max")},
      {"GroupsPerUserQuota", kGroupsPerUserMax},
      {"Roles", summary.roles},
      {"RolesQuota", s.properties.number("cloud.roles_max")},
      {"InstanceProfiles", summary.profiles},
      {"InstanceProfilesQuota", s.properties.number("cloud.instance_profiles_max")},
      {"AssumeRolePolicySizeQuota", policy::trust_rules().size_max},
      {"RolePolicySizeQuota", inline_rules(EntityKind::role).size_max},
      {"AttachedPoliciesPerRoleQuota", kAttachedPoliciesMax},
      {"Policies", summary.policies},
      {"PoliciesQuota", s.properties.number("cloud.policies_max")},
      {"AttachedPoliciesPerUserQuota", kAttachedPoliciesMax},
      {"AttachedPoliciesPerGroupQuota", kAttachedPoliciesMax},
      {"VersionsPerPolicyQuota", kPolicyVersionsMax},
      {"UserPolicySizeQuota", inline_rules(EntityKind::user).size_max},
      {"GroupPolicySizeQuota", inline_rules(EntityKind::group).size_max},
      {"PolicySizeQuota", policy::managed_rules().size_max},
      {"AccessKeysPerUserQuota", s.properties.number("cloud.access_keys_max")},
      {"SigningCertificatesPerUserQuota", s.properties.number("cloud.signing_certificates_max")},
      {"AccountAccessKeysPresent", summary.root_has_keys},
      {"AccountSigningCertificatesPresent", summary.root_has_certificates},
  };
  Reply reply;
  auto& map = reply.child("SummaryMap");
  for (const auto& [name, value] : figures) map.child("entry").add("key", name).add("value", value);
  co_return reply;
}

}  // namespace

extern const Action GetAccountSummary{
    .name = "GetAccountSummary",
    .permission = "iam:GetAccountSummary",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::get_account_summary
