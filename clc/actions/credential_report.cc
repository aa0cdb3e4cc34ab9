// GenerateCredentialReport and GetCredentialReport: the users of the account and their keys and
// certificates, as a table. It is made when it is asked for, so that it is never old.
#include "clc/actions/iam.h"
#include "clc/store/access_keys.h"
#include "clc/store/login_profiles.h"
#include "clc/store/signing_certificates.h"
#include "clc/store/users.h"
#include "common/base/encoding.h"

namespace angophora::clc::actions::credential_report {
namespace {

struct Request {
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::delegate>("DelegateAccount"),
};

// What AWS has columns for, in its order. Two keys and certificates have a place each.
constexpr char kHead[] =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n";
constexpr std::size_t kPlaces = 2;
constexpr char kNone[] = "N/A";

std::string time_text(common::SysTime time) { return common::format_iso8601(time); }

// Names may have a comma, and nothing else that a table would stumble over.
std::string cell(const std::string& text) {
  return text.find(',') == text.npos ? text : "\"" + text + "\"";
}

// Whether there is one, its last use, its last change, and when the next is due.
Result<std::string> password_cells(Tx& tx, const User& user,
                                   const std::optional<PasswordPolicy>& policy) {
  TRY(const auto profile, LoginProfiles(tx).find(user.id));
  if (!profile) return std::string(",false,") + kNone + "," + kNone + "," + kNone;
  const bool expires = policy && policy->age_max_days > 0;
  const auto due = [&] {
    return time_text(profile->changed_at + std::chrono::hours(24) * policy->age_max_days);
  };
  return ",true,no_information," + time_text(profile->changed_at) + "," + (expires ? due() : kNone);
}

Result<std::string> line_of(Tx& tx, const User& user, const std::optional<PasswordPolicy>& policy) {
  const auto name = user.is_root ? std::string("<root_account>") : user.name;
  auto line = cell(name) + "," + cell(arn_of(user)) + "," + time_text(user.created_at);
  TRY(const auto password, password_cells(tx, user, policy));
  line += password + ",false";  // there are no second factors
  TRY(const auto keys, AccessKeys(tx).of(user.id));
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const bool is_there = i < keys.size();
    line += is_there ? (keys[i].active ? ",true," : ",false,") + time_text(keys[i].created_at)
                     : std::string(",false,") + kNone;
    for (int column = 0; column < 3; ++column) line += std::string(",") + kNone;  // last use
  }
  TRY(const auto certificates, SigningCertificates(tx).of(user.id));
  for (std::size_t i = 0; i < kPlaces; ++i)
    line += i < certificates.size() ? (certificates[i].active ? ",true," : ",false,") +
                                          time_text(certificates[i].created_at)
                                    : std::string(",false,") + kNone;
  return line + "\n";
}

Result<std::string> report(Tx& tx, const Caller& caller, const std::string& delegate) {
  TRY(const auto account, account_of(tx, caller, delegate));
  TRY(auto users, Users(tx).all_of(account.id));
  std::stable_sort(users.begin(), users.end(),
                   [](const User& a, const User& b) { return a.is_root > b.is_root; });
  TRY(const auto policy, PasswordPolicies(tx).find(account.id));
  std::string text = kHead;
  for (const auto& user : users) {
    TRY(const auto line, line_of(tx, user, policy));
    text += line;
  }
  return text;
}

Task<Reply> generate(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) -> Result<Reply> {
    TRY_VOID(account_of(tx, caller, request.delegate));
    Reply reply;
    reply.add("State", "COMPLETE").add("Description", "The report is made when it is asked for");
    return reply;
  };
  co_return co_await read_iam(s, find);
}

Task<Reply> get(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto find = [caller, request, now](Tx& tx) -> Result<Reply> {
    TRY(const auto text, report(tx, caller, request.delegate));
    Reply reply;
    reply.add("Content", common::base64_encode(text)).add("ReportFormat", "text/csv");
    reply.add("GeneratedTime", now);
    return reply;
  };
  co_return co_await read_iam(s, find);
}

}  // namespace

extern const Action GenerateCredentialReport{
    .name = "GenerateCredentialReport",
    .permission = "iam:GenerateCredentialReport",
    .api = Api::iam,
    .run = parse_then<Request, kParams, generate>,
};
extern const Action GetCredentialReport{
    .name = "GetCredentialReport",
    .permission = "iam:GetCredentialReport",
    .api = Api::iam,
    .run = parse_then<Request, kParams, get>,
};

}  // namespace angophora::clc::actions::credential_report
