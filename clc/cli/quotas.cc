#include <cstdio>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"
#include "clc/cli/quota_policy.h"
#include "common/base/encoding.h"
#include "common/base/text.h"

namespace angophora::clc::cli {
namespace {

using common::Errc;
using common::Error;

// Which policies a command is about: the account's or, when a user is named, the user's.
struct Target {
  std::string kind;  // Account or User, as the actions are called
  QueryParameters names;
};

Target target_of(const QuotaOptions& options) {
  if (options.user.empty()) return {"Account", {{"AccountName", options.account}}};
  Target target{"User", {{"UserName", options.user}}};
  if (!options.account.empty()) target.names.emplace_back("DelegateAccount", options.account);
  return target;
}

Task<xml::Element> list(ApiClient& api, QuotaOptions options) {
  QueryParameters parameters;
  if (!options.account.empty()) parameters.emplace_back("DelegateAccount", options.account);
  if (!options.user.empty()) parameters.emplace_back("UserName", options.user);
  std::string action = "ListQuotas";
  co_return co_await api.iam(action, std::move(parameters));
}

std::vector<const xml::Element*> quotas_of(const xml::Element& answer) {
  const auto* list = answer.child("Quotas");
  return list ? list->children_named("member") : std::vector<const xml::Element*>();
}

void print(const xml::Element& answer) {
  std::printf("%-20s %12s %12s  %s\n", "QUOTA", "USED", "LIMIT", "SET BY");
  for (const auto* quota : quotas_of(answer)) {
    const auto limit = quota->text_of("Limit");
    std::printf("%-20s %12s %12s  %s\n", quota->text_of("QuotaName").c_str(),
                quota->text_of("Usage").c_str(), limit.empty() ? "none" : limit.c_str(),
                quota->text_of("LimitedBy").c_str());
  }
}

// NAME=N or NAME=none, with the keys that the cloud has for the names.
Result<QuotaChanges> changes_of(const std::vector<std::string>& wishes,
                                const xml::Element& answer) {
  std::map<std::string, std::string> keys;
  for (const auto* quota : quotas_of(answer))
    keys[quota->text_of("QuotaName")] = quota->text_of("QuotaKey");
  std::string known;
  for (const auto& [name, key] : keys) known += (known.empty() ? "" : ", ") + name;
  QuotaChanges changes;
  for (const auto& wish : wishes) {
    const auto at = wish.find('=');
    const auto name = wish.substr(0, at);
    const auto value = at == wish.npos ? std::string() : wish.substr(at + 1);
    const auto key = keys.find(name);
    if (key == keys.end())
      return Error(Errc::invalid_argument,
                   "'" + name + "' is no quota that can be set here; there are: " + known);
    const auto number = common::parse_number<std::int64_t>(value);
    if (value != "none" && (!number || *number < 0))
      return Error(Errc::invalid_argument,
                   "'" + wish + "' is not NAME=NUMBER or NAME=none, such as " + name + "=100");
    changes[key->second] = number;
  }
  return changes;
}

// The document of the policy that `angophora quota` keeps; "" when there is none.
Task<std::string> present_policy(ApiClient& api, Target target) {
  auto action = "List" + target.kind + "Policies";
  auto parameters = target.names;
  parameters.emplace_back("MaxItems", "1000");
  CO_TRY(const auto names, co_await api.iam(action, std::move(parameters)));
  bool is_there = false;
  if (const auto* list = names.child("PolicyNames"))
    for (const auto* name : list->children_named("member"))
      is_there = is_there || name->text == kQuotaPolicy;
  if (!is_there) co_return std::string();
  action = "Get" + target.kind + "Policy";
  parameters = target.names;
  parameters.emplace_back("PolicyName", kQuotaPolicy);
  CO_TRY(const auto policy, co_await api.iam(action, std::move(parameters)));
  auto document = common::percent_decode(policy.text_of("PolicyDocument"));
  if (!document) co_return Error(Errc::corrupt, "the answer to " + action + " cannot be read");
  co_return std::move(*document);
}

}  // namespace

Task<> show_quotas(common::Runtime& runtime, QuotaOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  CO_TRY(const auto answer, co_await list(*api, options));
  print(answer);
  co_return common::ok();
}

Task<> set_quotas(common::Runtime& runtime, QuotaOptions options) {
  if (options.account.empty() && options.user.empty())
    co_return Error(Errc::invalid_argument, "whose quotas? Give --account, --user or both");
  CO_TRY(const auto api, client_from_environment(runtime));
  CO_TRY(const auto answer, co_await list(*api, options));
  CO_TRY(const auto changes, changes_of(options.wishes, answer));
  auto target = target_of(options);
  CO_TRY(const auto present, co_await present_policy(*api, target));
  CO_TRY(const auto wanted, change_quota_policy(present, changes));
  auto parameters = target.names;
  parameters.emplace_back("PolicyName", kQuotaPolicy);
  std::string action = (wanted.empty() ? "Delete" : "Put") + target.kind + "Policy";
  if (!wanted.empty()) parameters.emplace_back("PolicyDocument", wanted);
  const bool changes_nothing = wanted.empty() && present.empty();
  if (!changes_nothing) {
    CO_TRY_VOID(co_await api->iam(action, std::move(parameters)));
  }
  CO_TRY(const auto after, co_await list(*api, options));
  print(after);
  co_return common::ok();
}

}  // namespace angophora::clc::cli
