#include "common/policy/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/policy/document.h"

namespace angophora::policy {
namespace {

using Kind = PrincipalPattern::Kind;

bool digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}
bool is_account(std::string_view text) { return text.size() == 12 && digits(text); }

bool is_unique_id(std::string_view text) {
  return text.size() >= 16 && text.size() <= 32 &&
         (text.starts_with("AIDA") || text.starts_with("AROA")) &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string_view::npos;
}

// The kinds of names that may stand behind an account: user/… of IAM, assumed-role/R/S of STS …
bool is_named_principal(std::string_view service, std::string_view resource) {
  const auto slash = resource.find('/');
  if (slash == std::string_view::npos || resource.ends_with('/')) return false;
  const auto kind = resource.substr(0, slash);
  const auto slashes = std::count(resource.begin(), resource.end(), '/');
  if (service == "iam") return kind == "user" || kind == "role";
  return (kind == "assumed-role" && slashes == 2) || (kind == "federated-user" && slashes == 1);
}

common::Error refuse(std::string_view text, std::string_view why) {
  return common::Error(PolicyErrc::malformed, fmt::format("\"{}\" {}", text, why));
}

common::Result<PrincipalPattern> compile_aws(std::string_view text) {
  if (text == "*") return PrincipalPattern{Kind::everyone, ""};
  if (is_account(text)) return PrincipalPattern{Kind::account, std::string(text)};
  if (is_unique_id(text)) return PrincipalPattern{Kind::id, std::string(text)};
  if (text.find_first_of("*?$") != std::string_view::npos)
    return refuse(text, "has a wildcard or variable, which the name of a principal cannot have");
  const auto arn = ArnPattern::split(text);
  if (!arn || arn->part[1] != "aws" || !arn->part[3].empty() || !is_account(arn->part[4]))
    return refuse(text, "is neither an account nor the ARN of a user, role or session");
  const auto service = arn->part[2], resource = arn->part[5];
  if (service == "iam" && resource == "root")
    return PrincipalPattern{Kind::account, std::string(arn->part[4])};
  if ((service != "iam" && service != "sts") || !is_named_principal(service, resource))
    return refuse(text, "is not the ARN of an account, user, role or session");
  return PrincipalPattern{Kind::arn, std::string(text)};
}

}  // namespace

common::Result<PrincipalPattern> PrincipalPattern::compile(std::string_view type,
                                                           std::string_view text) {
  if (type == "AWS") return compile_aws(text);
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  if (type == "CanonicalUser") {
    if (text.empty() || text.size() > 64 || text.find_first_not_of(kHex) != std::string_view::npos)
      return refuse(text, "is not a canonical user id");
    return PrincipalPattern{Kind::canonical, std::string(text)};
  }
  constexpr std::string_view kName =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:/@+=,";
  if (text.find_first_not_of(kName) != std::string_view::npos ||
      text.find_first_of(".:") == std::string_view::npos)
    return refuse(text, type == "Service" ? "is not the name of a service (ec2.amazonaws.com)"
                                          : "is not the name of an identity provider");
  return PrincipalPattern{type == "Service" ? Kind::service : Kind::federated, std::string(text)};
}

Grip grip(const PrincipalPattern& pattern, const Principal& who) {
  const auto& value = pattern.value;
  const auto of_account = [&](const std::string& own) {
    if (own.empty() || own != value) return Grip::none;
    return who.type == Principal::Type::root ? Grip::direct : Grip::account;
  };
  const auto of_name = [&](const std::string& own, const std::string& issuer) {
    if (!own.empty() && own == value) return Grip::direct;
    return !issuer.empty() && issuer == value ? Grip::issuer : Grip::none;
  };
  switch (pattern.kind) {
    case Kind::everyone:
      return Grip::direct;
    case Kind::account:
      return of_account(who.account);
    case Kind::canonical:
      return of_account(who.canonical_id);
    case Kind::arn:
      return of_name(who.arn, who.issuer_arn);
    case Kind::id:
      return of_name(who.id, who.issuer_id);
    case Kind::service:
      return who.type == Principal::Type::service && who.name == value ? Grip::direct : Grip::none;
    case Kind::federated:
      return who.type == Principal::Type::web_identity && who.name == value ? Grip::direct
                                                                            : Grip::none;
  }
  return Grip::none;
}

namespace {

// Whether NotPrincipal spares who asks: the account, a session's role, and who asks must all be
// named.
bool spared(const std::vector<PrincipalPattern>& named, const Principal& who, bool has_boundary) {
  bool account = who.account.empty(), issuer = who.type != Principal::Type::role_session;
  bool itself = who.type == Principal::Type::root;
  for (const auto& pattern : named) {
    if (pattern.kind == Kind::everyone) return true;
    const auto close = grip(pattern, who);
    const bool of_account = pattern.kind == Kind::account || pattern.kind == Kind::canonical;
    account = account || (of_account && close != Grip::none);
    issuer = issuer || close == Grip::issuer;
    itself = itself || (!of_account && close == Grip::direct);
  }
  // As AWS documents: NotPrincipal never spares who has a permission boundary.
  return account && issuer && itself && !has_boundary;
}

}  // namespace

Grip Statement::fits_principal(const Subject& subject) const {
  if (principals.empty()) return Grip::direct;
  if (not_principal)
    return spared(principals, subject.principal, subject.has_boundary) ? Grip::none : Grip::direct;
  auto closest = Grip::none;
  for (const auto& pattern : principals)
    closest = std::max(closest, grip(pattern, subject.principal));
  return closest;
}

bool Statement::fits_action(const Subject& subject, Lookup& request) const {
  const bool named = std::any_of(actions.begin(), actions.end(), [&](const auto& pattern) {
    return pattern.matches(subject.action, request);
  });
  return named != not_action;
}

bool Statement::fits_resource(const Subject& subject, Lookup& request) const {
  if (resources.empty()) return true;
  const bool named = std::any_of(resources.begin(), resources.end(), [&](const auto& pattern) {
    return pattern.matches(subject.resource, request);
  });
  return named != not_resource;
}

const Condition* Statement::failing_condition(Lookup& request) const {
  for (const auto& condition : conditions)
    if (!condition.holds(request)) return &condition;
  return nullptr;
}

Grip Statement::applies(const Subject& subject, Lookup& request) const {
  if (!fits_action(subject, request)) return Grip::none;
  const auto close = fits_principal(subject);
  if (close == Grip::none || !fits_resource(subject, request)) return Grip::none;
  return failing_condition(request) ? Grip::none : close;
}

}  // namespace angophora::policy
