#include "clc/http/authorization.h"

#include "clc/domain/identity.h"
#include "clc/http/refusal.h"
#include "clc/http/resources.h"
#include "clc/store/login_profiles.h"
#include "clc/store/tags.h"
#include "clc/store/users.h"
#include "common/log/log.h"

namespace angophora::clc {
namespace {

// The values of NAME.member.N.
std::vector<std::string> members_of(const Parameters& parameters, const std::string& name) {
  std::vector<std::string> values;
  const auto& children = parameters.root().children;
  const auto list = children.find(name);
  if (list == children.end()) return values;
  const auto members = list->second.children.find("member");
  if (members == list->second.children.end()) return values;
  for (const auto& [number, child] : members->second.children)
    if (child.value) values.push_back(*child.value);
  return values;
}

// Of TagSpecification.N.Tag.M, and of Tag.N as CreateTags has them.
void collect_tags(const Parameters::Node& node, policy::Tags& into,
                  const std::string& list_name = "Tag") {
  const auto list = node.children.find(list_name);
  if (list == node.children.end()) return;
  for (const auto& [number, tag] : list->second.children) {
    const auto text = [&tag = tag](const char* name) {
      const auto found = tag.children.find(name);
      return found == tag.children.end() ? std::string() : found->second.value.value_or("");
    };
    into.emplace_back(text("Key"), text("Value"));
  }
}

policy::Tags requested_tags(const Parameters& parameters) {
  policy::Tags tags;
  collect_tags(parameters.root(), tags);
  const auto& children = parameters.root().children;
  if (const auto found = children.find("Tags"); found != children.end())
    collect_tags(found->second, tags, "member");  // as STS has them
  if (const auto found = children.find("TagSpecification"); found != children.end())
    for (const auto& [number, specification] : found->second.children)
      collect_tags(specification, tags);
  return tags;
}

void add_request_facts(const Parameters& parameters, const std::string& region,
                       policy::Facts& facts) {
  facts.set("aws:RequestedRegion", region).set("ec2:Region", region);
  if (const auto types = values_of(parameters, "InstanceType"); !types.empty())
    facts.set("ec2:InstanceType", types);
  if (const auto zones = values_of(parameters, "AvailabilityZone"); !zones.empty())
    facts.set("ec2:AvailabilityZone", zones);
  const auto tags = requested_tags(parameters);
  std::vector<std::string> keys;
  for (const auto& [key, value] : tags) keys.push_back(key);
  facts.set("aws:TagKeys", keys);
  facts.tags("aws:RequestTag/", tags);
  constexpr std::pair<const char*, const char*> kSessionKeys[] = {
      {"ExternalId", "sts:ExternalId"},
      {"RoleSessionName", "sts:RoleSessionName"},
      {"SourceIdentity", "sts:SourceIdentity"},
      {"DurationSeconds", "sts:DurationSeconds"}};
  for (const auto& [parameter, key] : kSessionKeys)
    if (auto values = values_of(parameters, parameter); !values.empty())
      facts.set(key, std::move(values));
  if (auto keys_handed_on = members_of(parameters, "TransitiveTagKeys"); !keys_handed_on.empty())
    facts.set("sts:TransitiveTagKeys", std::move(keys_handed_on));
}

// The root's keys and certificates are the root's alone: no policy makes a root of anybody.
Result<> check_root_is_left_alone(Tx& tx, const Action& action, const Caller& caller,
                                  const Parameters& parameters) {
  const std::string_view name = action.name;
  const bool reads = name.starts_with("Get") || name.starts_with("List");
  if (caller.is_root || action.api != Api::iam || reads) return common::ok();
  for (const auto& user_name : values_of(parameters, "UserName")) {
    const auto user = Users(tx).find(caller.account, user_name);
    if (user && user.assume_value().is_root)
      return Error(RequestErrc::not_permitted,
                   "User: " + caller.user_arn + " is not authorized to perform: " +
                       action.permission + " on resource: " + arn_of(user.assume_value()) +
                       ", which is the root of the account");
  }
  return common::ok();
}

// What temporary credentials never open, as AWS documents it.
Result<> check_session(const Action& action, const Caller& caller) {
  if (!caller.session) return common::ok();
  const std::string_view name = action.name;
  const auto kind = caller.session->session.kind;
  const bool is_role = kind == sessions::Session::Kind::role;
  if (name == "GetSessionToken" || name == "GetFederationToken")
    return Error(RequestErrc::not_permitted,
                 "Cannot call " + std::string(name) + " with session credentials");
  const bool takes_role = name == "AssumeRole" && kind == sessions::Session::Kind::user;
  const bool is_closed = action.api == Api::iam ||
                         (action.api == Api::sts && name != "GetCallerIdentity" && !takes_role);
  if (is_role || !is_closed) return common::ok();
  return Error(RequestErrc::not_permitted,
               "User: " + caller.user_arn + " is not authorized to perform: " + action.permission +
                   " with credentials of GetSessionToken or GetFederationToken");
}

// In EC2 the sentence is followed by a message that those read who may decode it, as on AWS.
Error refusal(Services& s, const Action& action, const Caller& caller, const Refused& refused) {
  auto sentence = refusal_sentence(caller, refused);
  if (action.api != Api::ec2) return {RequestErrc::not_permitted, std::move(sentence)};
  auto message = encoded_refusal(s.runtime, s.keys, caller, refused);
  if (!message) return std::move(message).assume_error();
  return {RequestErrc::not_permitted,
          sentence + std::string(kMessageMark) + message.assume_value()};
}

// What an account's password policy gives to all its users, without any other policy.
Result<bool> may_change_own_password(Tx& tx, const Action& action, const Caller& caller) {
  if (action.api != Api::iam || action.name != std::string_view("ChangePassword")) return false;
  TRY(const auto policy, PasswordPolicies(tx).find(caller.account));
  return !caller.session && policy && policy->users_may_change;
}

Result<> judge(Tx& tx, Services& s, PolicyBook& book, const Action& action, const Caller& caller,
               const Parameters& parameters, const std::string& region, common::SysTime now,
               const policy::Facts& request_facts) {
  TRY(const auto policies, book.of(tx, caller));
  const bool needs_trust = action.api == Api::sts;
  if (caller.is_root && policies->account.empty() && !needs_trust) return common::ok();
  TRY_VOID(check_root_is_left_alone(tx, action, caller, parameters));
  TRY(const auto resources, resources_of(tx, action, parameters, caller, region));
  const auto principal = principal_of(caller);
  for (const auto& resource : resources) {
    auto facts = request_facts;
    const auto tags = [&tx, &resource, &caller] {
      policy::Tags list;
      // What others hang on what is theirs is no answer for a policy, whose writer could read it
      // so.
      const auto owner = TagRows(tx).owner_of(resource.id);
      if (!owner || owner.assume_value() != caller.account) return list;
      const auto found = TagRows(tx).of(resource.id);
      if (found)
        for (const auto& [key, value] : found.assume_value()) list.emplace_back(key, value);
      return list;
    };
    if (!resource.id.empty()) facts.tags("aws:ResourceTag/", tags).tags("ec2:ResourceTag/", tags);
    if (resource.action == "iam:PassRole") facts.set("iam:PassedToService", "ec2.amazonaws.com");
    const std::string permission = resource.action.empty() ? action.permission : resource.action;
    policy::Request asked{
        .action = permission, .resource = resource.arn, .now = now, .context = &facts};
    if (!resource.account.empty()) {
      asked.resource_account = resource.account;
      asked.resource_policy = resource.trust ? &*resource.trust : nullptr;
      asked.resource_must_allow = true;
    }
    const auto decision = policy::decide(principal, *policies, asked);
    if (decision.allowed) continue;
    TRY(const bool lets_itself, may_change_own_password(tx, action, caller));
    if (lets_itself && !decision.denied_explicitly()) continue;
    log::info("request.not_permitted", {{"request_id", caller.request_id},
                                        {"user", caller.user_arn},
                                        {"action", permission},
                                        {"resource", resource.arn},
                                        {"decision", decision.sentence()}});
    return refusal(s, action, caller, {permission, resource.arn, decision, principal, facts});
  }
  return common::ok();
}

}  // namespace

policy::Facts facts_of(const http::Request& request) {
  policy::Facts facts;
  facts.set("aws:SourceIp", request.peer.address).set("aws:SecureTransport", request.peer.tls);
  if (const auto agent = request.headers.get("User-Agent"); !agent.empty())
    facts.set("aws:UserAgent", std::string(agent));
  if (const auto referer = request.headers.get("Referer"); !referer.empty())
    facts.set("aws:Referer", std::string(referer));
  return facts;
}

Task<> authorize(Services& s, PolicyBook& book, const Action& action, Caller caller,
                 Parameters parameters, policy::Facts facts) {
  CO_TRY_VOID(check_session(action, caller));
  if (action.for_everybody) co_return common::ok();
  if (action.administrators_only && !caller.cloud_administrator)
    co_return Error(
        RequestErrc::not_permitted,
        "You are not authorized to perform this operation: " + std::string(action.permission) +
            " is for the administrators of the account " + kAdministrationAccount);
  add_request_facts(parameters, s.config.region_name, facts);
  const auto judging = [&s, &book, &action, caller = std::move(caller),
                        parameters = std::move(parameters), region = s.config.region_name,
                        now = s.runtime.now(), facts = std::move(facts)](Tx& tx) {
    return judge(tx, s, book, action, caller, parameters, region, now, facts);
  };
  co_return co_await s.db.read(judging);
}

}  // namespace angophora::clc
