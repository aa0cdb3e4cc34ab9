#include "clc/http/refusal.h"

#include <boost/json.hpp>

#include "clc/domain/authorization_message.h"
#include "common/crypto/aes.h"

namespace angophora::clc {
namespace {

namespace json = boost::json;

// What is told of a request: what came with it, and nothing that would have to be looked up. As
// policies write them, in small letters.
constexpr const char* kKeys[] = {"aws:sourceip",        "aws:securetransport", "aws:useragent",
                                 "aws:requestedregion", "aws:tagkeys",         "ec2:region",
                                 "ec2:instancetype",    "ec2:availabilityzone"};
constexpr std::size_t kValuesMax = 50, kValueCharsMax = 256;

json::object items(json::array list) { return {{"items", std::move(list)}}; }

json::object statement_of(const policy::Decision::Decider& decider, bool allows) {
  return {{"statementId", decider.sid},
          {"statement", decider.statement},
          {"effect", allows ? "ALLOW" : "DENY"},
          {"policyType", std::string(to_string(decider.layer))},
          {"policyName", decider.policy}};
}

json::array conditions_of(const policy::Facts& facts) {
  json::array conditions;
  for (const auto* key : kKeys) {
    std::vector<std::string> values;
    facts.find(key, values);
    if (values.empty()) continue;
    json::array list;
    for (const auto& value : values)
      if (list.size() < kValuesMax)
        list.push_back(json::object{{"value", value.substr(0, kValueCharsMax)}});
    conditions.push_back(json::object{{"key", key}, {"values", items(std::move(list))}});
  }
  return conditions;
}

}  // namespace

std::string refusal_sentence(const Caller& caller, const Refused& refused) {
  const auto& action = refused.permission;
  std::string why = " because no identity-based policy allows the " + action + " action";
  if (refused.decision.denied_explicitly())
    why = " with an explicit deny in an identity-based policy";
  if (refused.decision.why == policy::Why::above_account_ceiling)
    why = " because no policy of the account allows the " + action + " action";
  return "User: " + caller.user_arn + " is not authorized to perform: " + action +
         " on resource: " + refused.resource + why;
}

common::Result<std::string> encoded_refusal(common::Runtime& runtime, const CloudKeys& keys,
                                            const Caller& caller, const Refused& refused) {
  const auto& decision = refused.decision;
  json::array matched;
  if (decision.decider) matched.push_back(statement_of(*decision.decider, decision.allowed));
  const json::object context = {
      {"principal", json::object{{"id", refused.principal.id}, {"arn", refused.principal.arn}}},
      {"action", refused.permission},
      {"resource", refused.resource},
      {"conditions", items(conditions_of(refused.facts))}};
  const json::object message = {{"allowed", decision.allowed},
                                {"explicitDeny", decision.denied_explicitly()},
                                {"matchedStatements", items(std::move(matched))},
                                {"failures", items({})},
                                {"context", context},
                                {"explanation", decision.sentence()},
                                {"requestId", caller.request_id}};
  const auto nonce = runtime.random_bytes(crypto::kGcmNonceBytes);
  return seal_message(keys.secret, caller.account, json::serialize(message), nonce);
}

}  // namespace angophora::clc
