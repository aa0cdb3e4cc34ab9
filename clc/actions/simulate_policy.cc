// SimulatePrincipalPolicy and SimulateCustomPolicy: what policies would decide, and which
// statement. Beside AWS' answer each result has an Explanation: every statement and why it applies
// or not.
#include <map>
#include <set>

#include "clc/actions/iam_policies.h"
#include "clc/store/held_policies.h"
#include "common/base/text.h"

namespace angophora::clc::actions::simulate_policy {
namespace {

constexpr std::size_t kPairsMax = 1000;  // of actions and resources

struct ContextEntry {
  std::string name;
  std::vector<std::string> values;
  std::string type;
  static constexpr auto params() {
    return std::to_array<Param<ContextEntry>>({
        required<&ContextEntry::name>("ContextKeyName"),
        optional<&ContextEntry::values>("ContextKeyValues"),
        optional<&ContextEntry::type>("ContextKeyType"),
    });
  }
};

struct Request {
  std::string source;
  std::vector<std::string> policies;
  std::vector<std::string> boundary;
  std::vector<std::string> actions;
  std::vector<std::string> resources;
  std::string resource_policy;
  std::string resource_owner;
  std::vector<ContextEntry> context;
  std::string delegate;
  Paging paging;
};

#define SHARED_PARAMS                                                                             \
  required<&Request::actions>("ActionNames"), optional<&Request::resources>("ResourceArns"),      \
      optional<&Request::boundary>("PermissionsBoundaryPolicyInputList"),                         \
      optional<&Request::resource_policy>("ResourcePolicy"),                                      \
      optional<&Request::resource_owner>("ResourceOwner"),                                        \
      optional<&Request::context>("ContextEntries"),                                              \
      optional<&Request::delegate>("DelegateAccount"), max_results<&Request::paging>("MaxItems"), \
      next_token<&Request::paging>("Marker"),                                                     \
      refused<Request>("CallerArn", "the caller is who has the policies"),                        \
      refused<Request>("ResourceHandlingOption", "name every resource of the action")

constexpr Param<Request> kParams[] = {
    required<&Request::source>("PolicySourceArn"),
    optional<&Request::policies>("PolicyInputList"),
    SHARED_PARAMS,
};
constexpr Param<Request> kCustomParams[] = {
    required<&Request::policies>("PolicyInputList"),
    SHARED_PARAMS,
};

// As AWS calls the types of a key's values; those of lists end in List.
Result<> check_entry(const ContextEntry& entry) {
  static const std::set<std::string_view> kTypes = {"string", "numeric", "boolean",
                                                    "ip",     "binary",  "date"};
  std::string_view type = entry.type;
  const bool is_list = type.ends_with("List");
  if (is_list) type.remove_suffix(4);
  if (!type.empty() && !kTypes.contains(type))
    return invalid_value("ContextKeyType", entry.type, "string, stringList, numeric and so on");
  if (!type.empty() && !is_list && entry.values.size() > 1)
    return invalid_value("ContextKeyValues", entry.values[1],
                         "one value, as the type of " + entry.name + " is " + entry.type);
  return common::ok();
}

// What the request says of itself, and which keys the policies looked for in vain.
class Entries final : public policy::Context {
 public:
  explicit Entries(const std::vector<ContextEntry>& entries) {
    for (const auto& entry : entries) values_[common::to_lower(entry.name)] = entry.values;
  }
  void find(std::string_view key, std::vector<std::string>& values) const override {
    const auto found = values_.find(std::string(key));
    if (found != values_.end())
      values = found->second;
    else
      missing_.insert(std::string(key));
  }
  const std::set<std::string>& missing() const { return missing_; }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  mutable std::set<std::string> missing_;
};

struct Arn {
  std::string account, kind, name;
};
// arn:aws:iam::ACCOUNT:user/PATH/NAME, or arn:aws:iam::ACCOUNT:root
Result<Arn> parse_source(const std::string& text) {
  const auto parts = common::split(text, ':');
  if (parts.size() == 6 && parts[2] == "iam" && parts[5] == "root")
    return Arn{std::string(parts[4]), "user", kRootUserName};
  const auto slash = text.find('/');
  if (parts.size() != 6 || parts[2] != "iam" || slash == text.npos)
    return invalid_value("PolicySourceArn", text, "the ARN of a user, group or role");
  const auto last = text.rfind('/');
  return Arn{std::string(parts[4]), std::string(parts[5].substr(0, parts[5].find('/'))),
             text.substr(last + 1)};
}

Result<Asker> asker_of_arn(Tx& tx, const Caller& caller, const Request& request) {
  TRY(const auto arn, parse_source(request.source));
  TRY(const auto account, account_of(tx, caller, request.delegate));
  const auto kind = arn.kind == "user"    ? std::optional(EntityKind::user)
                    : arn.kind == "group" ? std::optional(EntityKind::group)
                    : arn.kind == "role"  ? std::optional(EntityKind::role)
                                          : std::nullopt;
  if (!kind)
    return invalid_value("PolicySourceArn", request.source, "the ARN of a user, group or role");
  if (arn.account != account.id.value)
    return Error(IdentityErrc::not_found, request.source + " cannot be found.");
  return find_asker(tx, account, *kind, arn.name);
}

Result<policy::NamedPolicy> input(const std::string& text, const policy::Rules& rules,
                                  std::string name) {
  TRY(auto document, policy::parse(text, rules));
  return policy::NamedPolicy{std::move(name), std::move(document)};
}

Result<> add_inputs(const Request& request, Asker& subject) {
  int number = 0;
  for (const auto& text : request.policies) {
    TRY(auto policy,
        input(text, policy::managed_rules(), "PolicyInputList." + std::to_string(++number)));
    subject.policies.identity.push_back(std::move(policy));
  }
  if (request.boundary.size() > 1)
    return invalid_value("PermissionsBoundaryPolicyInputList",
                         std::to_string(request.boundary.size()), "one policy");
  for (const auto& text : request.boundary) {
    TRY(subject.policies.boundary,
        input(text, policy::managed_rules(), "PermissionsBoundaryPolicyInputList.1"));
  }
  return common::ok();
}

const char* decision_word(const policy::Decision& decision) {
  if (decision.allowed) return "allowed";
  return decision.denied_explicitly() ? "explicitDeny" : "implicitDeny";
}

// As AWS calls the kinds of what has policies.
std::string source_type(const policy::Decision::Decider& decider) {
  if (decider.layer == policy::Layer::resource) return "resource";
  if (decider.policy.starts_with("group ")) return "group";
  return decider.policy.find(":assumed-role/") != std::string::npos ? "role" : "user";
}

void add_result(Element& item, const Asker& subject, const policy::Request& asked,
                const Entries& entries) {
  const auto decision = policy::decide(subject.principal, subject.policies, asked);
  item.add("EvalActionName", std::string(asked.action)).add("EvalResourceName", asked.resource);
  item.add("EvalDecision", decision_word(decision));
  auto& matched = item.child("MatchedStatements");
  if (decision.decider)
    matched.child("member")
        .add("SourcePolicyId", decision.decider->policy)
        .add("SourcePolicyType", source_type(*decision.decider));
  auto& missing = item.child("MissingContextValues");
  for (const auto& key : entries.missing()) missing.add("member", key);
  if (subject.policies.boundary)
    item.child("PermissionsBoundaryDecisionDetail")
        .add("AllowedByPermissionsBoundary", decision.why != policy::Why::outside_boundary);
  item.add("Explanation", policy::explain(subject.principal, subject.policies, asked));
}

// ARN or number of an account.
std::string owner_of(const std::string& text) {
  const auto parts = common::split(text, ':');
  return parts.size() > 4 ? std::string(parts[4]) : text;
}

Result<IamRows> evaluate(const Request& request, const Asker& subject, common::SysTime now) {
  auto resources = request.resources;
  if (resources.empty()) resources.emplace_back("*");
  if (request.actions.size() * resources.size() > kPairsMax)
    return invalid_value("ActionNames", std::to_string(request.actions.size()),
                         "up to 1000 pairs of an action and a resource");
  std::optional<policy::NamedPolicy> of_resource;
  if (!request.resource_policy.empty()) {
    TRY(of_resource, input(request.resource_policy, policy::bucket_rules(""), "ResourcePolicy"));
  }
  for (const auto& entry : request.context) TRY_VOID(check_entry(entry));
  IamRows rows;
  for (const auto& action : request.actions) {
    if (action.find(':') == action.npos)
      return invalid_value("ActionNames", action, "SERVICE:ACTION, such as ec2:RunInstances");
    for (const auto& resource : resources) {
      const Entries entries(request.context);
      policy::Request asked{
          .action = action, .resource = resource, .now = now, .context = &entries};
      asked.resource_account = owner_of(request.resource_owner);
      asked.resource_policy = of_resource ? &*of_resource : nullptr;
      add_result(rows.emplace_back(action + " " + resource).element, subject, asked, entries);
    }
  }
  return rows;
}

template <bool kCustom>
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto find = [caller, request, now](Tx& tx, const PageStart&) -> Result<IamRows> {
    Asker subject;
    if (kCustom) {
      TRY(const auto account, account_of(tx, caller, request.delegate));
      subject.principal = policy::Principal::user(account.id.value, "anybody", "AIDAANYBODY");
    } else {
      TRY(subject, asker_of_arn(tx, caller, request));
    }
    TRY_VOID(add_inputs(request, subject));
    return evaluate(request, subject, now);
  };
  co_return co_await list_iam(s, caller, request.paging, "Simulate " + request.source,
                              "EvaluationResults", find);
}

}  // namespace

extern const Action SimulatePrincipalPolicy{
    .name = "SimulatePrincipalPolicy",
    .permission = "iam:SimulatePrincipalPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle<false>>,
};
extern const Action SimulateCustomPolicy{
    .name = "SimulateCustomPolicy",
    .permission = "iam:SimulateCustomPolicy",
    .api = Api::iam,
    .run = parse_then<Request, kCustomParams, handle<true>>,
};

}  // namespace angophora::clc::actions::simulate_policy
