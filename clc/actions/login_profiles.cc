// CreateLoginProfile, UpdateLoginProfile and ChangePassword: a user gets a password, which is kept
// as a slow hash. GetLoginProfile and DeleteLoginProfile: whether there is one, and its end.
#include "clc/store/login_profiles.h"
#include "clc/actions/iam.h"
#include "clc/store/users.h"
#include "common/log/log.h"

namespace angophora::clc::actions::login_profiles {
namespace {

constexpr std::size_t kSaltBytes = 16;

struct Request {
  std::string user;
  std::string password;
  std::string old_password;
  std::optional<bool> must_change;
  std::string delegate;
};

constexpr Param<Request> kCreateParams[] = {
    optional<&Request::user>("UserName"),
    required<&Request::password>("Password"),
    optional<&Request::must_change>("PasswordResetRequired"),
    optional<&Request::delegate>("DelegateAccount"),
};
constexpr Param<Request> kUpdateParams[] = {
    required<&Request::user>("UserName"),
    optional<&Request::password>("Password"),
    optional<&Request::must_change>("PasswordResetRequired"),
    optional<&Request::delegate>("DelegateAccount"),
};
constexpr Param<Request> kChangeParams[] = {
    required<&Request::old_password>("OldPassword"),
    required<&Request::password>("NewPassword"),
};
constexpr Param<Request> kUserParams[] = {
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

// What the database knows of a user whose password is about to change.
struct Present {
  User user;
  std::optional<PasswordPolicy> policy;
  std::optional<LoginProfile> profile;
  std::vector<std::string> former;  // hashes that may not come back
};

Result<Present> read_present(Tx& tx, const Caller& caller, const Request& request) {
  TRY(auto subject, subject_of(tx, caller, request.delegate, request.user));
  Present present;
  TRY(present.policy, PasswordPolicies(tx).find(subject.account.id));
  TRY(present.profile, LoginProfiles(tx).find(subject.user.id));
  if (present.policy && present.policy->reuse_prevented > 0) {
    TRY(present.former,
        LoginProfiles(tx).last_hashes(subject.user.id, present.policy->reuse_prevented));
  }
  present.user = std::move(subject.user);
  return present;
}

Task<Present> find_present(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) { return read_present(tx, caller, request); };
  co_return co_await s.db.read(find);
}

Error no_profile(const User& user) {
  return {IdentityErrc::not_found, "Login Profile for User " + user.name + " cannot be found."};
}

// The hash of a password that the account takes. On the pool: as slow as it should be.
Result<std::string> make_hash(const Present& present, const std::string& password,
                              const std::string& salt) {
  TRY_VOID(
      check_password(present.policy ? &*present.policy : nullptr, password, present.user.name));
  for (const auto& former : present.former) {
    TRY(const bool again, is_password(password, former));
    if (again)
      return Error(PasswordErrc::violates_policy,
                   "Password should differ from the last " +
                       std::to_string(present.policy->reuse_prevented));
  }
  return hash_password(password, salt);
}

Task<std::string> hash_of(Services& s, Present present, std::string password) {
  auto work = [present = std::move(present), password = std::move(password),
               salt = s.runtime.random_bytes(kSaltBytes)] {
    return make_hash(present, password, salt);
  };
  co_return co_await s.runtime.run_blocking(std::move(work));
}

Reply show(const User& user, const LoginProfile& profile) {
  Reply reply;
  auto& item = reply.child("LoginProfile");
  item.add("UserName", user.name).add("CreateDate", profile.created_at);
  item.add("PasswordResetRequired", profile.must_change);
  return reply;
}

// Nothing may have changed since the hashes were compared.
Result<> put(Tx& tx, const Present& present, const LoginProfile& wanted) {
  TRY(const auto now, LoginProfiles(tx).find(present.user.id));
  const auto hash = [](const std::optional<LoginProfile>& one) {
    return one ? one->hash : std::string();
  };
  TRY(const auto user, Users(tx).find(present.user.id));
  if (!user) return no_profile(present.user);
  if (hash(now) != hash(present.profile))
    return Error(IdentityErrc::conflict,
                 "The password of " + present.user.name + " was changed at the same time.");
  return LoginProfiles(tx).put(wanted);
}

Task<Reply> create(Services& s, Caller caller, Request request) {
  CO_TRY(const auto present, co_await find_present(s, caller, request));
  if (present.profile)
    co_return Error(IdentityErrc::exists,
                    "Login Profile for user " + present.user.name + " already exists.");
  LoginProfile wanted;
  wanted.user = present.user.id;
  wanted.must_change = request.must_change.value_or(false);
  wanted.created_at = wanted.changed_at = s.runtime.now();
  CO_TRY(wanted.hash, co_await hash_of(s, present, request.password));
  const auto make = [present, wanted](Tx& tx) -> Result<Reply> {
    TRY_VOID(put(tx, present, wanted));
    return show(present.user, wanted);
  };
  co_return co_await make_iam(s, caller, make);
}

Task<Reply> update(Services& s, Caller caller, Request request) {
  CO_TRY(const auto present, co_await find_present(s, caller, request));
  if (!present.profile) co_return no_profile(present.user);
  auto wanted = *present.profile;
  wanted.must_change = request.must_change.value_or(wanted.must_change);
  const bool has_password = !request.password.empty();
  if (has_password) {
    CO_TRY(wanted.hash, co_await hash_of(s, present, request.password));
    wanted.changed_at = s.runtime.now();
  }
  const auto change = [present, wanted](Tx& tx) { return put(tx, present, wanted); };
  co_return co_await change_iam(s, caller, change);
}

// Whether the caller may still change it with the old one.
Result<> check_age(const Present& present, common::SysTime now) {
  if (!present.policy || !present.policy->hard_expiry || present.policy->age_max_days == 0)
    return common::ok();
  const auto age = now - present.profile->changed_at;
  if (age <= std::chrono::hours(24) * present.policy->age_max_days) return common::ok();
  return Error(PasswordErrc::expired,
               "The password has expired; an administrator of the account must set a new one");
}

Task<Reply> change_own(Services& s, Caller caller, Request request) {
  CO_TRY(const auto present, co_await find_present(s, caller, request));
  if (!present.profile) co_return no_profile(present.user);
  CO_TRY_VOID(check_age(present, s.runtime.now()));
  auto compare = [old = request.old_password, hash = present.profile->hash] {
    return is_password(old, hash);
  };
  CO_TRY(const bool is_right, co_await s.runtime.run_blocking(std::move(compare)));
  if (!is_right) {
    log::warn("password.refused", {{"request_id", caller.request_id}, {"user", caller.user_arn}});
    co_return Error(PasswordErrc::wrong, "The old password was incorrect.");
  }
  auto wanted = *present.profile;
  wanted.must_change = false;
  wanted.changed_at = s.runtime.now();
  CO_TRY(wanted.hash, co_await hash_of(s, present, request.password));
  const auto change = [present, wanted](Tx& tx) { return put(tx, present, wanted); };
  co_return co_await change_iam(s, caller, change);
}

Task<Reply> get(Services& s, Caller caller, Request request) {
  CO_TRY(const auto present, co_await find_present(s, caller, request));
  if (!present.profile) co_return no_profile(present.user);
  co_return show(present.user, *present.profile);
}

Task<Reply> remove(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    TRY(const bool was_there, LoginProfiles(tx).remove(subject.user.id));
    if (!was_there) return no_profile(subject.user);
    return common::ok();
  };
  co_return co_await change_iam(s, caller, change);
}

}  // namespace

extern const Action CreateLoginProfile{
    .name = "CreateLoginProfile",
    .permission = "iam:CreateLoginProfile",
    .api = Api::iam,
    .run = parse_then<Request, kCreateParams, create>,
};
extern const Action UpdateLoginProfile{
    .name = "UpdateLoginProfile",
    .permission = "iam:UpdateLoginProfile",
    .api = Api::iam,
    .run = parse_then<Request, kUpdateParams, update>,
};
extern const Action ChangePassword{
    .name = "ChangePassword",
    .permission = "iam:ChangePassword",
    .api = Api::iam,
    .run = parse_then<Request, kChangeParams, change_own>,
};
extern const Action GetLoginProfile{
    .name = "GetLoginProfile",
    .permission = "iam:GetLoginProfile",
    .api = Api::iam,
    .run = parse_then<Request, kUserParams, get>,
};
extern const Action DeleteLoginProfile{
    .name = "DeleteLoginProfile",
    .permission = "iam:DeleteLoginProfile",
    .api = Api::iam,
    .run = parse_then<Request, kUserParams, remove>,
};

}  // namespace angophora::clc::actions::login_profiles
