#include <cstdio>
#include <map>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"

namespace angophora::clc::cli {
namespace {

using common::Errc;
using common::Error;

// Who is asked about: what the cloud calls the kind, and the name; without one, the caller.
struct Who {
  std::string kind = "User";
  std::string name;
};

Result<Who> who_of(const ExplainOptions& options) {
  std::vector<Who> named;
  if (!options.user.empty()) named.push_back({"User", options.user});
  if (!options.group.empty()) named.push_back({"Group", options.group});
  if (!options.role.empty()) named.push_back({"Role", options.role});
  if (named.size() > 1)
    return Error(Errc::invalid_argument, "give one of --user, --group and --role");
  return named.empty() ? Who() : named.front();
}

// KEY=VALUE, several times for a key with several values.
Result<> add_context(const std::vector<std::string>& facts, QueryParameters& parameters) {
  std::map<std::string, std::vector<std::string>> keys;
  for (const auto& fact : facts) {
    const auto at = fact.find('=');
    if (at == fact.npos || at == 0)
      return Error(Errc::invalid_argument,
                   "'" + fact + "' is not KEY=VALUE, such as aws:SourceIp=192.0.2.1");
    keys[fact.substr(0, at)].push_back(fact.substr(at + 1));
  }
  int number = 0;
  for (const auto& [key, values] : keys) {
    const auto entry = "ContextEntries.member." + std::to_string(++number);
    parameters.emplace_back(entry + ".ContextKeyName", key);
    parameters.emplace_back(entry + ".ContextKeyType", values.size() > 1 ? "stringList" : "string");
    for (std::size_t i = 0; i < values.size(); ++i)
      parameters.emplace_back(entry + ".ContextKeyValues.member." + std::to_string(i + 1),
                              values[i]);
  }
  return common::ok();
}

Task<std::string> arn_of(ApiClient& api, Who who, std::string account) {
  QueryParameters parameters;
  if (!who.name.empty()) parameters.emplace_back(who.kind + "Name", who.name);
  if (!account.empty()) parameters.emplace_back("DelegateAccount", account);
  auto action = "Get" + who.kind;
  CO_TRY(const auto answer, co_await api.iam(action, std::move(parameters)));
  const auto* arn = answer.find(who.kind + "/Arn");
  if (!arn) co_return Error(Errc::corrupt, action + " answered without an ARN");
  co_return arn->text;
}

}  // namespace

Task<> explain_policy(common::Runtime& runtime, ExplainOptions options) {
  CO_TRY(const auto who, who_of(options));
  QueryParameters parameters = {{"ActionNames.member.1", options.action},
                                {"ResourceArns.member.1", options.resource}};
  CO_TRY_VOID(add_context(options.facts, parameters));
  CO_TRY(const auto api, client_from_environment(runtime));
  CO_TRY(const auto arn, co_await arn_of(*api, who, options.account));
  parameters.emplace_back("PolicySourceArn", arn);
  if (!options.account.empty()) parameters.emplace_back("DelegateAccount", options.account);
  std::string action = "SimulatePrincipalPolicy";
  CO_TRY(const auto answer, co_await api->iam(action, std::move(parameters)));
  const auto* result = answer.find("EvaluationResults/member");
  if (!result) co_return Error(Errc::corrupt, action + " answered without a result");
  std::fputs(result->text_of("Explanation").c_str(), stdout);
  std::fputs("\n", stdout);
  if (const auto* missing = result->child("MissingContextValues"))
    for (const auto* key : missing->children_named("member"))
      std::printf("A condition looks at %s: say what the request has with --with %s=VALUE\n",
                  key->text.c_str(), key->text.c_str());
  const auto decision = result->text_of("EvalDecision");
  if (decision == "allowed") co_return common::ok();
  co_return Error(CliErrc::not_well, options.action + " is refused (" + decision + ")");
}

}  // namespace angophora::clc::cli
