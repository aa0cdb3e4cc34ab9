// GetAccountSummary: how many identities the account has and may have.
#include "clc/actions/iam.h"
#include "clc/store/access_keys.h"
#include "clc/store/signing_certificates.h"
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
  struct Figure {
    std::int64_t present = 0, most = 0;
  };
  std::map<Quota, Figure> figures;
  bool root_has_keys = false, root_has_certificates = false;
};

Result<Summary> summarize(Tx& tx, const Caller& caller, const QuotaDefaults& defaults,
                          const std::string& delegate) {
  TRY(const auto account, account_of(tx, caller, delegate));
  Summary summary;
  for (const auto quota :
       {Quota::users, Quota::groups, Quota::roles, Quota::instance_profiles, Quota::policies}) {
    auto& figure = summary.figures[quota];
    TRY(figure.present, QuotaUsage(tx).of(quota, account.id));
    TRY(figure.most, account_limit(tx, defaults, account.id, quota));
  }
  TRY(const auto root, Users(tx).root_of(account.id));
  TRY(const auto keys, AccessKeys(tx).of(root.id));
  TRY(const auto certificates, SigningCertificates(tx).of(root.id));
  summary.root_has_keys = !keys.empty();
  summary.root_has_certificates = !certificates.empty();
  return summary;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request, defaults = QuotaDefaults(s.properties)](Tx& tx) {
    return summarize(tx, caller, defaults, request.delegate);
  };
  CO_TRY(auto summary, co_await s.db.read(find));
  auto& of = summary.figures;
  const std::pair<const char*, std::int64_t> figures[] = {
      {"Users", of[Quota::users].present},
      {"UsersQuota", of[Quota::users].most},
      {"Groups", of[Quota::groups].present},
      {"GroupsQuota", of[Quota::groups].most},
      {"GroupsPerUserQuota", kGroupsPerUserMax},
      {"Roles", of[Quota::roles].present},
      {"RolesQuota", of[Quota::roles].most},
      {"InstanceProfiles", of[Quota::instance_profiles].present},
      {"InstanceProfilesQuota", of[Quota::instance_profiles].most},
      {"AssumeRolePolicySizeQuota", policy::trust_rules().size_max},
      {"RolePolicySizeQuota", inline_rules(EntityKind::role).size_max},
      {"AttachedPoliciesPerRoleQuota", kAttachedPoliciesMax},
      {"Policies", of[Quota::policies].present},
      {"PoliciesQuota", of[Quota::policies].most},
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
