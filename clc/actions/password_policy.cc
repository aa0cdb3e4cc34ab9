// UpdateAccountPasswordPolicy, GetAccountPasswordPolicy and DeleteAccountPasswordPolicy: what the
// account asks of its users' passwords.
#include "clc/actions/iam.h"
#include "clc/store/login_profiles.h"

namespace angophora::clc::actions::password_policy {
namespace {

struct Request {
  std::int64_t length_min = 6;
  bool needs_symbols = false, needs_numbers = false;
  bool needs_uppercase = false, needs_lowercase = false;
  bool users_may_change = false;
  std::optional<std::int64_t> age_max_days;
  std::optional<std::int64_t> reuse_prevented;
  bool hard_expiry = false;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::length_min>("MinimumPasswordLength"),
    optional<&Request::needs_symbols>("RequireSymbols"),
    optional<&Request::needs_numbers>("RequireNumbers"),
    optional<&Request::needs_uppercase>("RequireUppercaseCharacters"),
    optional<&Request::needs_lowercase>("RequireLowercaseCharacters"),
    optional<&Request::users_may_change>("AllowUsersToChangePassword"),
    optional<&Request::age_max_days>("MaxPasswordAge"),
    optional<&Request::reuse_prevented>("PasswordReusePrevention"),
    optional<&Request::hard_expiry>("HardExpiry"),
    optional<&Request::delegate>("DelegateAccount"),
};
constexpr Param<Request> kAccountParams[] = {
    optional<&Request::delegate>("DelegateAccount"),
};

Result<> check_range(const char* parameter, std::int64_t value, std::int64_t least,
                     std::int64_t most) {
  if (value >= least && value <= most) return common::ok();
  return invalid_value(parameter, std::to_string(value),
                       std::to_string(least) + " to " + std::to_string(most));
}

Error no_policy(const Account& account) {
  return {IdentityErrc::not_found,
          "The Password Policy with domain name " + account.id.value + " cannot be found."};
}

Task<Reply> update(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check_range("MinimumPasswordLength", request.length_min, 6, 128));
  CO_TRY_VOID(check_range("MaxPasswordAge", request.age_max_days.value_or(1), 1, 1095));
  CO_TRY_VOID(check_range("PasswordReusePrevention", request.reuse_prevented.value_or(1), 1, 24));
  const PasswordPolicy policy{request.length_min,
                              request.needs_symbols,
                              request.needs_numbers,
                              request.needs_uppercase,
                              request.needs_lowercase,
                              request.users_may_change,
                              request.age_max_days.value_or(0),
                              request.reuse_prevented.value_or(0),
                              request.hard_expiry};
  const auto change = [caller, request, policy](Tx& tx) -> Result<> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    return PasswordPolicies(tx).put(account.id, policy);
  };
  co_return co_await change_iam(s, caller, change);
}

Result<Reply> show(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto account, account_of(tx, caller, request.delegate));
  TRY(const auto policy, PasswordPolicies(tx).find(account.id));
  if (!policy) return no_policy(account);
  Reply reply;
  auto& item = reply.child("PasswordPolicy");
  item.add("MinimumPasswordLength", policy->length_min);
  item.add("RequireSymbols", policy->needs_symbols).add("RequireNumbers", policy->needs_numbers);
  item.add("RequireUppercaseCharacters", policy->needs_uppercase);
  item.add("RequireLowercaseCharacters", policy->needs_lowercase);
  item.add("AllowUsersToChangePassword", policy->users_may_change);
  item.add("ExpirePasswords", policy->age_max_days > 0);
  if (policy->age_max_days > 0) item.add("MaxPasswordAge", policy->age_max_days);
  if (policy->reuse_prevented > 0) item.add("PasswordReusePrevention", policy->reuse_prevented);
  item.add("HardExpiry", policy->hard_expiry);
  return reply;
}

Task<Reply> get(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) { return show(tx, caller, request); };
  co_return co_await read_iam(s, find);
}

Task<Reply> remove(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    TRY(const bool was_there, PasswordPolicies(tx).remove(account.id));
    if (!was_there) return no_policy(account);
    return common::ok();
  };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action UpdateAccountPasswordPolicy{
    .name = "UpdateAccountPasswordPolicy",
    .permission = "iam:UpdateAccountPasswordPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kParams, update>,
};
extern const Action GetAccountPasswordPolicy{
    .name = "GetAccountPasswordPolicy",
    .permission = "iam:GetAccountPasswordPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kAccountParams, get>,
};
extern const Action DeleteAccountPasswordPolicy{
    .name = "DeleteAccountPasswordPolicy",
    .permission = "iam:DeleteAccountPasswordPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kAccountParams, remove>,
};

}  // namespace angophora::clc::actions::password_policy
