#include "clc/actions/quotas.h"

#include <algorithm>

#include "common/policy/limits.h"

namespace angophora::clc {
namespace {

std::optional<QuotaLimits::Limit> smallest(const std::vector<policy::NamedPolicy>& policies,
                                           Quota quota) {
  const auto& kind = kind_of(quota);
  std::optional<QuotaLimits::Limit> found;
  for (const auto& one : policies) {
    const auto most = policy::limit(std::span(&one, 1), kind.key, kind.action);
    if (most && (!found || *most < found->most)) found = {*most, "the policy " + one.name};
  }
  return found;
}

// Who has the limits of a user: a session of a user has that user's.
UserId limited_user(const Caller& caller) {
  if (caller.is_root) return {};
  if (!caller.session) return caller.user;
  const auto& session = caller.session->session;
  return session.kind == sessions::Session::Kind::role ? UserId() : UserId(session.issuer);
}

struct Scope {
  std::string who;     // "The account research"
  std::string remedy;  // what would change the limit
};

Error refusal(const QuotaKind& kind, const Scope& scope, std::int64_t used, std::int64_t wanted,
              const QuotaLimits::Limit& limit) {
  return {kind.exceeded, scope.who + " has " + std::to_string(used) + " " + kind.words +
                             " and would have " + std::to_string(used + wanted) +
                             "; its quota is " + std::to_string(limit.most) + " (" + limit.source +
                             "). Delete what is not needed, or ask for more: " + scope.remedy +
                             " " + kind.name + "=N"};
}

// How many objects still fit. Less than nothing is nothing: a quota may be set below what there is.
std::int64_t room(std::int64_t most, std::int64_t used, std::int64_t each) {
  return used >= most ? 0 : (most - used) / each;
}

}  // namespace

Result<QuotaLimits> QuotaLimits::load(Tx& tx, const QuotaDefaults& defaults,
                                      const AccountId& account, const UserId& user) {
  QuotaLimits limits(defaults);
  TRY(const auto policies, QuotaUsage(tx).policies(account, user));
  for (const auto& one : policies) {
    const auto rules = one.of_account ? policy::account_rules() : policy::group_inline_rules();
    auto parsed = policy::parse(one.policy.document, rules);
    if (!parsed)
      return Error(common::Errc::corrupt,
                   "the policy " + one.policy.name + ": " + parsed.error().message);
    auto& into = one.of_account ? limits.account_ : limits.user_;
    if (!parsed.assume_value().limits().empty())
      into.push_back({one.policy.name, std::move(parsed).assume_value()});
  }
  return limits;
}

std::optional<QuotaLimits::Limit> QuotaLimits::of_account(Quota quota) const {
  auto limit = smallest(account_, quota);
  const auto usual = defaults_.of(quota);
  if (!limit && usual) limit = {*usual, std::string("the property ") + kind_of(quota).property};
  return limit;
}

std::optional<QuotaLimits::Limit> QuotaLimits::of_user(Quota quota) const {
  return kind_of(quota).of_users ? smallest(user_, quota) : std::nullopt;
}

Quotas::Quotas(const Services& s, const Caller& caller)
    : defaults_(s.properties),
      account_(caller.account),
      account_name_(caller.account_name),
      user_(limited_user(caller)),
      user_name_(caller.user_name) {}

Result<std::int64_t> Quotas::admit(Tx& tx, const std::vector<Taking>& takings, std::int64_t least,
                                   std::int64_t most) const {
  TRY(const auto limits, QuotaLimits::load(tx, defaults_, account_, user_));
  const auto& name = account_name_.empty() ? account_.value : account_name_;
  const auto remedy = "angophora quota set --account " + name;
  const Scope account{"The account " + name, remedy};
  const Scope user{"The user " + (user_name_.empty() ? user_.value : user_name_),
                   user_name_.empty() ? remedy : remedy + " --user " + user_name_};
  for (const auto& taking : takings) {
    if (taking.each == 0) continue;
    const auto& kind = kind_of(taking.quota);
    const auto fit = [&](const Scope& scope, const std::optional<QuotaLimits::Limit>& limit,
                         const auto& owner) -> Result<> {
      if (!limit) return common::ok();
      TRY(const auto used, QuotaUsage(tx).of(taking.quota, owner));
      const auto left = room(limit->most, used, taking.each);
      if (left < least) return refusal(kind, scope, used, least * taking.each, *limit);
      most = std::min(most, left);
      return common::ok();
    };
    TRY_VOID(fit(account, limits.of_account(taking.quota), account_));
    if (!user_.empty()) TRY_VOID(fit(user, limits.of_user(taking.quota), user_));
  }
  return most;
}

Result<> Quotas::made(Tx& tx, Quota quota, std::string_view id) const {
  if (user_.empty()) return common::ok();
  return QuotaUsage(tx).note_maker(quota, id, user_);
}

Result<std::int64_t> account_limit(Tx& tx, const QuotaDefaults& defaults, const AccountId& account,
                                   Quota quota) {
  TRY(const auto limits, QuotaLimits::load(tx, defaults, account, {}));
  const auto limit = limits.of_account(quota);
  return limit ? limit->most : INT64_MAX;
}

}  // namespace angophora::clc
