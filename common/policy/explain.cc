#include <fmt/format.h>

#include <deque>
#include <iterator>
#include <span>

#include "common/policy/evaluate.h"
#include "common/policy/lookup.h"
#include "common/policy/statement.h"

namespace angophora::policy {
namespace {

// What a request brought along, made harmless for a terminal.
std::string printable(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return text;
}

std::string list_of(const std::deque<RequestValue>& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + value.text();
  return printable(std::move(text));
}

std::string_view effect_of(const Statement& statement) {
  return statement.effect == Statement::Effect::allow ? "Allow" : "Deny";
}

// The first part that does not fit, in the order in which a reader looks at them.
std::string why_not(const Statement& statement, RequestLookup& request) {
  const auto& subject = request.subject();
  if (statement.fits_principal(subject) == Grip::none)
    return statement.not_principal ? "NotPrincipal spares the caller"
                                   : "it is for other principals";
  if (!statement.fits_action(subject, request))
    return statement.not_action ? "NotAction names the action" : "it is for other actions";
  if (!statement.fits_resource(subject, request))
    return statement.not_resource ? "NotResource names the resource" : "it is for other resources";
  const auto* condition = statement.failing_condition(request);
  if (!condition) return "";
  const auto& values = request.values(condition->key());
  if (values.empty())
    return fmt::format("its condition {} on {} does not hold: the request does not have it",
                       condition->op(), condition->key());
  return fmt::format("its condition {} on {} does not hold: the request has {}", condition->op(),
                     condition->key(), list_of(values));
}

std::string_view how_close(Grip grip) {
  switch (grip) {
    case Grip::account:
      return ", to the account";
    case Grip::issuer:
      return ", to the role or user behind the session";
    default:
      return "";
  }
}

void list(std::string& text, Layer layer, std::span<const NamedPolicy> policies,
          RequestLookup& request) {
  for (const auto& policy : policies) {
    fmt::format_to(std::back_inserter(text), "{} {}\n", to_string(layer), policy.name);
    for (const auto& statement : policy.document.statements()) {
      const auto why = why_not(statement, request);
      const auto grip = statement.fits_principal(request.subject());
      fmt::format_to(std::back_inserter(text), "  statement {}{}, {}: {}{}\n", statement.number,
                     statement.sid.empty() ? "" : " (" + statement.sid + ")", effect_of(statement),
                     why.empty() ? "applies" : "does not apply: " + why,
                     why.empty() ? how_close(grip) : "");
    }
  }
}

}  // namespace

std::string explain(const Principal& principal, const Policies& policies, const Request& request) {
  RequestLookup lookup(principal, policies, request);
  const std::string who = !principal.arn.empty()    ? principal.arn
                          : !principal.name.empty() ? principal.name
                                                    : "anonymous";
  auto text = fmt::format("{} {} on {}\n{}\n", who, request.action, printable(request.resource),
                          decide(principal, policies, request).sentence());
  list(text, Layer::account, policies.account, lookup);
  if (request.resource_policy)
    list(text, Layer::resource, std::span(request.resource_policy, 1), lookup);
  list(text, Layer::identity, policies.identity, lookup);
  if (policies.boundary) list(text, Layer::boundary, std::span(&*policies.boundary, 1), lookup);
  if (policies.session) list(text, Layer::session, *policies.session, lookup);
  return text;
}

}  // namespace angophora::policy
