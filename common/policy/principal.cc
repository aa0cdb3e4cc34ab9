#include "common/policy/principal.h"

#include <fmt/format.h>

#include <chrono>

#include "common/base/text.h"

namespace angophora::policy {
namespace {

std::string_view type_name(Principal::Type type) {
  switch (type) {
    case Principal::Type::root:
      return "Account";
    case Principal::Type::user:
      return "User";
    case Principal::Type::role_session:
      return "AssumedRole";
    case Principal::Type::federated_user:
      return "FederatedUser";
    case Principal::Type::anonymous:
      return "Anonymous";
    case Principal::Type::web_identity:
    case Principal::Type::service:
      return "";
  }
  return "";
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Principal Principal::root(std::string account) {
  Principal p;
  p.type = Type::root;
  p.arn = fmt::format("arn:aws:iam::{}:root", account);
  p.id = account;
  p.account = std::move(account);
  return p;
}

Principal Principal::user(std::string account, std::string path_and_name, std::string user_id) {
  Principal p;
  p.type = Type::user;
  p.arn = fmt::format("arn:aws:iam::{}:user/{}", account, path_and_name);
  p.user_name = last_part(path_and_name);
  p.id = std::move(user_id);
  p.account = std::move(account);
  return p;
}

Principal Principal::role_session(std::string account, std::string role_arn, std::string role_id,
                                  std::string session_name) {
  Principal p;
  p.type = Type::role_session;
  p.arn =
      fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account, last_part(role_arn), session_name);
  p.id = fmt::format("{}:{}", role_id, session_name);
  p.issuer_arn = std::move(role_arn);
  p.issuer_id = std::move(role_id);
  p.account = std::move(account);
  return p;
}

Principal Principal::federated_user(const Principal& issuer, std::string name) {
  Principal p;
  p.type = Type::federated_user;
  p.account = issuer.account;
  p.arn = fmt::format("arn:aws:sts::{}:federated-user/{}", issuer.account, name);
  p.id = fmt::format("{}:{}", issuer.account, name);
  p.issued_by_root = issuer.type == Type::root;
  p.issuer_arn = issuer.arn;
  p.issuer_id = issuer.id;
  p.canonical_id = issuer.canonical_id;
  return p;
}

Principal Principal::web_identity(std::string provider) {
  Principal p;
  p.type = Type::web_identity;
  p.name = p.provider = std::move(provider);
  return p;
}

Principal Principal::service(std::string service_name) {
  Principal p;
  p.type = Type::service;
  p.name = std::move(service_name);
  return p;
}

bool Principal::find(std::string_view key, std::optional<common::SysTime> now,
                     std::vector<std::string>& values) const {
  const auto give = [&](std::string_view text) {
    if (!text.empty()) values.emplace_back(text);
    return true;
  };
  constexpr std::string_view kTag = "aws:principaltag/";
  if (key.starts_with(kTag)) {
    for (const auto& [name_of_tag, value] : tags)
      if (common::equal_ignore_case(name_of_tag, key.substr(kTag.size()))) {
        values.push_back(value);  // also an empty one
        break;
      }
    return true;
  }
  if (key == "aws:username") return give(user_name);
  if (key == "aws:userid") return give(id);
  // A session shows the role that was assumed.
  if (key == "aws:principalarn") return give(type == Type::role_session ? issuer_arn : arn);
  if (key == "aws:principalaccount") return give(account);
  if (key == "aws:principaltype") return give(type_name(type));
  if (key == "aws:principalisawsservice") return give(type == Type::service ? "true" : "false");
  if (key == "aws:principalservicename") return give(type == Type::service ? name : "");
  if (key == "aws:federatedprovider") return give(provider);
  if (key == "aws:sourceidentity") return give(source_identity);
  if (key == "aws:tokenissuetime")
    return give(token_issued_at ? common::format_iso8601(*token_issued_at) : "");
  // Long-lived keys do not have it at all, so that BoolIfExists tells them apart.
  if (key == "aws:multifactorauthpresent")
    return give(mfa_at ? "true" : token_issued_at ? "false" : "");
  if (key == "aws:multifactorauthage") {
    if (!mfa_at || !now) return true;
    const auto age = std::chrono::floor<std::chrono::seconds>(*now - *mfa_at).count();
    return give(std::to_string(age));
  }
  return false;
}

}  // namespace angophora::policy
