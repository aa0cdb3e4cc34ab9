#include "clc/store/login_profiles.h"

#include "clc/store/values.h"

namespace angophora::clc {
namespace {

constexpr std::int64_t kFormerMax = 24;  // as many as a policy may ask about

}  // namespace

Result<std::optional<LoginProfile>> LoginProfiles::find(const UserId& user) {
  TRY(auto q, tx_.prepare("SELECT hash, must_change, created_at_ms, changed_at_ms "
                          "FROM login_profiles WHERE user_id=?1"));
  TRY(const bool found, q.bind(1, user).step());
  if (!found) return std::optional<LoginProfile>();
  return std::optional(LoginProfile{user, q.text(0), q.integer(1) != 0, from_ms(q.integer(2)),
                                    from_ms(q.integer(3))});
}

Result<> LoginProfiles::put(const LoginProfile& profile) {
  TRY(auto q, tx_.prepare("INSERT INTO login_profiles (user_id, hash, must_change, created_at_ms, "
                          "changed_at_ms) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (user_id) "
                          "DO UPDATE SET hash=excluded.hash, must_change=excluded.must_change, "
                          "changed_at_ms=excluded.changed_at_ms"));
  Values values(q);
  values.next(profile.user).next(profile.hash).next(profile.must_change);
  values.next(to_ms(profile.created_at)).next(to_ms(profile.changed_at));
  TRY_VOID(q.run());
  TRY(auto last, tx_.prepare("SELECT COALESCE(MAX(number), 0) FROM former_passwords "
                             "WHERE user_id=?1"));
  TRY_VOID(last.bind(1, profile.user).step());
  const auto number = last.integer(0) + 1;
  TRY(auto keep, tx_.prepare("INSERT INTO former_passwords (user_id, number, hash) "
                             "VALUES (?1, ?2, ?3)"));
  TRY_VOID(keep.bind(1, profile.user).bind(2, number).bind(3, profile.hash).run());
  TRY(auto drop, tx_.prepare("DELETE FROM former_passwords WHERE user_id=?1 AND number<=?2"));
  TRY_VOID(drop.bind(1, profile.user).bind(2, number - kFormerMax).run());
  return common::ok();
}

Result<bool> LoginProfiles::remove(const UserId& user) {
  TRY(auto former, tx_.prepare("DELETE FROM former_passwords WHERE user_id=?1"));
  TRY_VOID(former.bind(1, user).run());
  TRY(auto q, tx_.prepare("DELETE FROM login_profiles WHERE user_id=?1"));
  TRY(const auto count, q.bind(1, user).run());
  return count > 0;
}

Result<std::vector<std::string>> LoginProfiles::last_hashes(const UserId& user,
                                                            std::int64_t count) {
  TRY(auto q, tx_.prepare("SELECT hash FROM former_passwords WHERE user_id=?1 "
                          "ORDER BY number DESC LIMIT ?2"));
  q.bind(1, user).bind(2, count);
  return all_rows(q, [](Query& row) { return row.text(0); });
}

Result<std::optional<PasswordPolicy>> PasswordPolicies::find(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT length_min, needs_symbols, needs_numbers, needs_uppercase, "
                          "needs_lowercase, users_may_change, age_max_days, reuse_prevented, "
                          "hard_expiry FROM password_policies WHERE account_id=?1"));
  TRY(const bool found, q.bind(1, account).step());
  if (!found) return std::optional<PasswordPolicy>();
  PasswordPolicy policy;
  int c = 0;
  policy.length_min = q.integer(c++);
  for (auto* flag : {&policy.needs_symbols, &policy.needs_numbers, &policy.needs_uppercase,
                     &policy.needs_lowercase, &policy.users_may_change})
    *flag = q.integer(c++) != 0;
  policy.age_max_days = q.integer(c++);
  policy.reuse_prevented = q.integer(c++);
  policy.hard_expiry = q.integer(c++) != 0;
  return std::optional(policy);
}

Result<> PasswordPolicies::put(const AccountId& account, const PasswordPolicy& p) {
  TRY_VOID(remove(account));
  TRY(auto q, tx_.prepare("INSERT INTO password_policies (account_id, length_min, needs_symbols, "
                          "needs_numbers, needs_uppercase, needs_lowercase, users_may_change, "
                          "age_max_days, reuse_prevented, hard_expiry) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
  Values values(q);
  values.next(account).next(p.length_min).next(p.needs_symbols).next(p.needs_numbers);
  values.next(p.needs_uppercase).next(p.needs_lowercase).next(p.users_may_change);
  values.next(p.age_max_days).next(p.reuse_prevented).next(p.hard_expiry);
  TRY_VOID(q.run());
  return common::ok();
}

Result<bool> PasswordPolicies::remove(const AccountId& account) {
  TRY(auto q, tx_.prepare("DELETE FROM password_policies WHERE account_id=?1"));
  TRY(const auto count, q.bind(1, account).run());
  return count > 0;
}

}  // namespace angophora::clc
