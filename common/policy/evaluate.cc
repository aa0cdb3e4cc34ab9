#include "common/policy/evaluate.h"

#include <fmt/format.h>

#include <span>

#include "common/policy/lookup.h"
#include "common/policy/statement.h"

namespace angophora::policy {
namespace {

struct Hit {
  const NamedPolicy* policy = nullptr;
  const Statement* statement = nullptr;
  Grip grip = Grip::none;
  explicit operator bool() const { return statement != nullptr; }
};

// What the policies of one layer say: the first statement that denies; of those that allow, the
// first that fits most closely.
struct Verdict {
  Hit deny, allow;
  bool could_allow = false;  // some statement has the effect Allow
};

Verdict judge(std::span<const NamedPolicy> policies, RequestLookup& request) {
  Verdict verdict;
  for (const auto& policy : policies) {
    for (const auto& statement : policy.document.statements()) {
      const bool allow = statement.effect == Statement::Effect::allow;
      verdict.could_allow = verdict.could_allow || allow;
      if (allow && verdict.allow.grip == Grip::direct) continue;
      const auto grip = statement.applies(request.subject(), request);
      if (grip == Grip::none) continue;
      if (!allow) {
        verdict.deny = {&policy, &statement, grip};
        return verdict;
      }
      if (grip > verdict.allow.grip) verdict.allow = {&policy, &statement, grip};
    }
  }
  return verdict;
}

Decision decision(bool allowed, Why why, Layer layer, const Hit& hit) {
  Decision made{allowed, why, {}};
  if (hit) made.decider = {layer, hit.policy->name, hit.statement->number, hit.statement->sid};
  return made;
}

class Evaluation {
 public:
  Evaluation(const Principal& principal, const Policies& policies, const Request& request)
      : principal_(principal),
        policies_(policies),
        request_(request),
        lookup_(principal, policies, request) {}

  Decision run() {
    std::optional<Decision> denied;
    const auto look = [&](Layer layer, Verdict& verdict, std::span<const NamedPolicy> of) {
      if (denied) return;
      verdict = judge(of, lookup_);
      if (verdict.deny) denied = decision(false, Why::explicit_deny, layer, verdict.deny);
    };
    look(Layer::account, account_, policies_.account);
    if (request_.resource_policy)
      look(Layer::resource, resource_, std::span(request_.resource_policy, 1));
    look(Layer::identity, identity_, policies_.identity);
    if (policies_.boundary) look(Layer::boundary, boundary_, std::span(&*policies_.boundary, 1));
    if (policies_.session) look(Layer::session, session_, *policies_.session);
    if (denied) return *denied;
    if (lookup_.too_costly()) return decision(false, Why::too_costly, Layer::identity, {});
    if (account_.could_allow && !account_.allow)
      return decision(false, Why::above_account_ceiling, Layer::account, {});
    return of_allows();
  }

 private:
  // What is left when nothing denies.
  Decision of_allows() const {
    const auto from_resource = resource_grip();
    const bool has_account = !principal_.account.empty();
    const bool other_account = has_account && !request_.resource_account.empty() &&
                               request_.resource_account != principal_.account;
    if (!has_account || other_account || request_.resource_must_allow)
      if (from_resource == Grip::none)
        return decision(false, Why::no_resource_statement, Layer::resource, {});
    if (!has_account || (!other_account && from_resource == Grip::direct))
      return decision(true, Why::resource_allows, Layer::resource, resource_.allow);
    if (!other_account && from_resource == Grip::issuer)
      return within_limits(decision(true, Why::resource_allows, Layer::resource, resource_.allow));
    if (principal_.type == Principal::Type::root || principal_.issued_by_root)
      return within_limits(decision(true, Why::root, Layer::identity, {}));
    if (!identity_.allow) return decision(false, Why::no_identity_statement, Layer::identity, {});
    return within_limits(decision(true, Why::identity_allows, Layer::identity, identity_.allow));
  }

  Grip resource_grip() const {
    const auto otherwise = request_.granted_otherwise == Grant::direct    ? Grip::direct
                           : request_.granted_otherwise == Grant::account ? Grip::account
                                                                          : Grip::none;
    return std::max(otherwise, resource_.allow.grip);
  }

  Decision within_limits(Decision allowed) const {
    if (policies_.boundary && !boundary_.allow)
      return decision(false, Why::outside_boundary, Layer::boundary, {});
    if (policies_.session && !session_.allow)
      return decision(false, Why::outside_session, Layer::session, {});
    return allowed;
  }

  const Principal& principal_;
  const Policies& policies_;
  const Request& request_;
  RequestLookup lookup_;
  Verdict account_, identity_, boundary_, session_, resource_;
};

std::string statement_name(std::size_t number, const std::string& sid) {
  return sid.empty() ? fmt::format("statement {}", number)
                     : fmt::format("statement {} ({})", number, sid);
}

}  // namespace

std::string_view to_string(Layer layer) {
  switch (layer) {
    case Layer::account:
      return "account policy";
    case Layer::identity:
      return "identity policy";
    case Layer::boundary:
      return "permission boundary";
    case Layer::session:
      return "session policy";
    case Layer::resource:
      return "resource policy";
  }
  return "";
}

std::string_view to_string(Why why) {
  switch (why) {
    case Why::identity_allows:
      return "the identity's policies allow it";
    case Why::resource_allows:
      return "the resource allows it";
    case Why::root:
      return "root of the account may do all";
    case Why::explicit_deny:
      return "a Deny statement applies";
    case Why::above_account_ceiling:
      return "no policy of the account allows it";
    case Why::no_identity_statement:
      return "no policy of the identity allows it";
    case Why::outside_boundary:
      return "the permission boundary does not allow it";
    case Why::outside_session:
      return "no policy of the session allows it";
    case Why::no_resource_statement:
      return "the resource does not allow it";
    case Why::too_costly:
      return "its patterns are too costly to compare";
  }
  return "";
}

std::string Decision::sentence() const {
  auto text = fmt::format("{}: {}", allowed ? "allowed" : "refused", to_string(why));
  if (decider)
    text += fmt::format(": {} of {} {}", statement_name(decider->statement, decider->sid),
                        to_string(decider->layer), decider->policy);
  return text;
}

Decision decide(const Principal& principal, const Policies& policies, const Request& request) {
  return Evaluation(principal, policies, request).run();
}

}  // namespace angophora::policy
