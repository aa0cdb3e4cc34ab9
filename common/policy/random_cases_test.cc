// The evaluator agrees with the slow one on random cases. By hand on a million of them:
//   ANGOPHORA_POLICY_CASES=100000 ANGOPHORA_POLICY_SEED=7 common_policy_test
//   --gtest_filter='*RandomCases*'
#include "common/policy/random_cases.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "common/base/encoding.h"
#include "common/policy/evaluate.h"

namespace angophora::policy::reference {
namespace {

constexpr const char* kAccounts[] = {"111111111111", "222222222222"};
constexpr const char* kActions[] = {"s3:GetObject",     "s3:PutObject",      "s3:ListBucket",
                                    "ec2:RunInstances", "ec2:StopInstances", "sts:AssumeRole"};
constexpr const char* kActionPatterns[] = {"*",
                                           "s3:*",
                                           "s3:Get*",
                                           "s3:?etObject",
                                           "S3:getobject",
                                           "s3:*Object",
                                           "ec2:*Inst*s",
                                           "ec2:*Instances",
                                           "ec2:RunInstances",
                                           "sts:Assume*",
                                           "s3:ListBucket"};
constexpr const char* kResources[] = {"arn:aws:s3:::photos",
                                      "arn:aws:s3:::photos/alice/a.jpg",
                                      "arn:aws:s3:::photos/b\u00e4r:1",
                                      "arn:aws:s3:::photos/*",
                                      "arn:aws:s3:::logs/2026/x",
                                      "arn:aws:ec2:here:111111111111:instance/i-1",
                                      "arn:aws:ec2:there:222222222222:instance/i-2",
                                      "arn:aws:iam::111111111111:role/ops",
                                      "*"};
constexpr const char* kResourcePatterns[] = {"*",
                                             "arn:aws:s3:::photos",
                                             "arn:aws:s3:::photos/*",
                                             "arn:aws:s3:::*",
                                             "arn:aws:s3:*",
                                             "arn:aws:s3:::p?otos/*/?.jpg",
                                             "arn:aws:s3:::photos/b?r:*",
                                             "arn:aws:s3:::*/2026/*",
                                             "arn:aws:ec2:*:*:instance/*",
                                             "arn:aws:ec2:::instance/i-?",
                                             "arn:aws:ec2:here::instance/*",
                                             "arn:aws:ec2:*:111111111111:*",
                                             "arn:aws:iam::*:role/o*",
                                             "arn:aws:iam:::role/ops"};
constexpr const char* kVariablePatterns[] = {
    "arn:aws:s3:::photos/${aws:username}/*", "arn:aws:s3:::photos/${aws:username, 'alice'}/?.jpg",
    "arn:aws:s3:::photos/${*}", "arn:aws:s3:::${s3:prefix, 'photos'}*",
    "arn:aws:ec2:*:*:instance/${aws:PrincipalTag/team}"};
constexpr const char* kTexts[] = {"alice", "bob",  "a*", "*",      "?lice",    "Alice", "x",
                                  "",      "true", "5",  "photos", "ali*lice", "?*?"};
constexpr const char* kVariableTexts[] = {"${aws:username}", "${aws:PrincipalTag/Team, 'x'}*",
                                          "${*}", "${s3:prefix}", "a${?}"};
constexpr const char* kNumbers[] = {"0", "5", "5.0", "-3", "10.25", "100", "007"};
constexpr const char* kDates[] = {"2026-01-01T00:00:00Z", "2026-06-15", "1767225600",
                                  "2025-12-31T23:59:59Z"};
constexpr const char* kRanges[] = {"10.0.0.0/8",     "10.1.2.3",      "0.0.0.0/0",
                                   "192.168.1.0/25", "2001:db8::/33", "::/0"};
constexpr const char* kAddresses[] = {"10.1.2.3", "192.168.1.200", "2001:db8:8000::1",
                                      "2001:db8::1", "none"};
constexpr const char* kArns[] = {"arn:aws:iam::111111111111:user/alice",
                                 "arn:aws:iam::*:user/*",
                                 "arn:aws:sts::111111111111:assumed-role/?ps/*",
                                 "*",
                                 "arn:*:iam::1*1:role/ops",
                                 "arn:aws:s3:::photos"};
constexpr const char* kTextKeys[] = {
    "aws:username", "aws:PrincipalTag/team", "s3:prefix",           "aws:TagKeys",
    "aws:userid",   "ec2:ResourceTag/Name",  "aws:PrincipalAccount"};
constexpr const char* kTextOperators[] = {
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
    "StringLike",   "StringNotLike"};
constexpr const char* kRelations[] = {"Equals",         "NotEquals",   "LessThan",
                                      "LessThanEquals", "GreaterThan", "GreaterThanEquals"};
constexpr const char* kArnOperators[] = {"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"};

std::string quoted(const std::string& text) { return '"' + text + '"'; }

}  // namespace

template <class Make>
std::string RandomWorld::one_or_more(Make make) {
  if (chance(60)) return quoted(make());
  std::string list = "[";
  for (std::size_t left = 1 + below(3); left > 0; --left)
    list += quoted(make()) + (left > 1 ? "," : "");
  return list + "]";
}

std::string RandomWorld::resource_pattern() {
  return variables_ && chance(35) ? pick(kVariablePatterns) : pick(kResourcePatterns);
}

std::string RandomWorld::text_value() {
  return variables_ && chance(30) ? pick(kVariableTexts) : pick(kTexts);
}

std::string RandomWorld::condition_value(const std::string& op) {
  if (op.find("Ip") != std::string::npos) return pick(kRanges);
  if (op.starts_with("Arn"))
    return variables_ && chance(20) ? "arn:aws:iam::*:user/${aws:username}" : pick(kArns);
  if (op.starts_with("Numeric")) return pick(kNumbers);
  if (op.starts_with("Date")) return pick(kDates);
  if (op == "Bool" || op == "Null") return chance(50) ? "true" : "false";
  if (op.starts_with("Binary")) return chance(50) ? "YWxpY2U=" : "AP8=";
  return text_value();
}

std::string RandomWorld::condition() {
  std::string op, key = pick(kTextKeys);
  switch (below(10)) {
    case 0:
      op = "Numeric" + pick(kRelations), key = "s3:max-keys";
      break;
    case 1:
      op = "Date" + pick(kRelations), key = "aws:CurrentTime";
      break;
    case 2:
      op = chance(50) ? "IpAddress" : "NotIpAddress", key = "aws:SourceIp";
      break;
    case 3:
      op = pick(kArnOperators), key = chance(60) ? "aws:PrincipalArn" : "aws:SourceArn";
      break;
    case 4:
      op = "Bool", key = "aws:SecureTransport";
      break;
    case 5:
      op = "BinaryEquals";
      break;
    case 6:
      op = "Null";
      break;
    default:
      op = pick(kTextOperators);
  }
  const auto plain = op;
  if (op != "Null") {
    if (chance(25)) op += "IfExists";
    if (chance(30)) op = (chance(50) ? "ForAllValues:" : "ForAnyValue:") + op;
  }
  return fmt::format("\"{}\":{{\"{}\":{}}}", op, key,
                     one_or_more([&] { return condition_value(plain); }));
}

std::string RandomWorld::principal_element() {
  if (chance(30)) return "\"*\"";
  static constexpr const char* kAws[] = {"111111111111",
                                         "arn:aws:iam::222222222222:root",
                                         "arn:aws:iam::111111111111:user/alice",
                                         "arn:aws:iam::222222222222:user/bob",
                                         "arn:aws:iam::111111111111:role/ops",
                                         "*",
                                         "arn:aws:sts::111111111111:assumed-role/ops/night",
                                         "AIDAALICE00000000000",
                                         "arn:aws:sts::111111111111:federated-user/kim",
                                         "AROAOPS0000000000000"};
  std::string aws = one_or_more([&] { return pick(kAws); });
  // The chain of a session, whole or with one of its links missing: for NotPrincipal.
  static constexpr const char* kChains[] = {
      R"(["111111111111","arn:aws:iam::111111111111:role/ops","arn:aws:sts::111111111111:assumed-role/ops/night"])",
      R"(["111111111111","AROAOPS0000000000000","arn:aws:sts::111111111111:assumed-role/ops/night"])",
      R"(["111111111111","arn:aws:sts::111111111111:assumed-role/ops/night"])",
      R"(["arn:aws:iam::111111111111:role/ops","arn:aws:sts::111111111111:assumed-role/ops/night"])",
      R"(["111111111111","arn:aws:iam::111111111111:role/ops"])",
      R"(["111111111111","AIDAALICE00000000000"])"};
  if (chance(30)) aws = pick(kChains);
  std::string map = "\"AWS\":" + aws;
  if (chance(20)) map += R"(,"Service":"ec2.amazonaws.com")";
  if (chance(20)) map += R"(,"Federated":"login.example.com")";
  if (chance(20)) map += R"(,"CanonicalUser":"abcdef0123")";
  return "{" + map + "}";
}

std::string RandomWorld::statement(Grammar grammar) {
  const bool deny = chance(25);
  std::string json = fmt::format("{{\"Effect\":\"{}\"", deny ? "Deny" : "Allow");
  if (grammar == Grammar::bucket)
    json += fmt::format(",\"{}\":{}", deny && chance(40) ? "NotPrincipal" : "Principal",
                        principal_element());
  json += fmt::format(",\"{}\":{}", chance(12) ? "NotAction" : "Action",
                      one_or_more([&] { return pick(kActionPatterns); }));
  json += fmt::format(",\"{}\":{}", chance(12) ? "NotResource" : "Resource",
                      one_or_more([&] { return resource_pattern(); }));
  std::map<std::string, std::string> conditions;  // by operator: none twice
  for (auto left = chance(45) ? 1 + below(2) : 0; left > 0; --left) {
    const auto made = condition();
    conditions.emplace(made.substr(0, made.find(":{")), made);
  }
  std::string block;
  for (const auto& [op, made] : conditions) block += (block.empty() ? "" : ",") + made;
  if (!block.empty()) json += ",\"Condition\":{" + block + "}";
  return json + "}";
}

std::string RandomWorld::policy(Grammar grammar) {
  variables_ = chance(80);
  std::string json = variables_ ? R"({"Version":"2012-10-17","Statement":)" : R"({"Statement":)";
  if (chance(30)) return json + statement(grammar) + "}";
  json += "[";
  for (std::size_t left = 1 + below(3); left > 0; --left)
    json += statement(grammar) + (left > 1 ? "," : "");
  return json + "]}";
}

Principal RandomWorld::principal() {
  const auto alice = Principal::user("111111111111", "alice", "AIDAALICE00000000000");
  Principal who;
  switch (below(9)) {
    case 0:
      who = Principal::anonymous();
      break;
    case 1:
      who = Principal::root(pick(kAccounts));
      break;
    case 2:
      who = Principal::user("222222222222", "bob", "AIDABOB0000000000000");
      break;
    case 3:
    case 4:
      who = Principal::role_session("111111111111", "arn:aws:iam::111111111111:role/ops",
                                    "AROAOPS0000000000000", chance(50) ? "night" : "day");
      break;
    case 5:
      who = Principal::federated_user(chance(70) ? alice : Principal::root("111111111111"), "kim");
      break;
    case 6:
      who = chance(50) ? Principal::service("ec2.amazonaws.com")
                       : Principal::web_identity("login.example.com");
      break;
    default:
      who = alice;
  }
  if (!who.account.empty() && chance(30)) who.canonical_id = "abcdef0123";
  if (!who.account.empty() && chance(50)) who.tags = {{"Team", chance(50) ? "i-1" : "alice"}};
  return who;
}

void RandomWorld::add_keys(Keys& keys) {
  const auto add = [&](const char* key, auto make) {
    if (!chance(65)) return;
    for (auto left = chance(80) ? 1 : below(3); left > 0; --left) keys[key].push_back(make());
    if (keys[key].empty()) keys.erase(key);
  };
  const auto text = [&] { return pick(kTexts); };
  add("s3:prefix", text);
  add("aws:tagkeys", text);
  add("ec2:resourcetag/name", text);
  add("s3:max-keys", [&] { return chance(10) ? std::string("many") : pick(kNumbers); });
  add("aws:currenttime", [&] { return pick(kDates); });
  add("aws:sourceip", [&] { return pick(kAddresses); });
  add("aws:sourcearn", [&] { return pick(kResources); });
  add("aws:securetransport", [&] { return std::string(chance(50) ? "true" : "False"); });
}

Question RandomWorld::question() {
  Question q;
  q.principal = principal();
  q.action = pick(kActions);
  q.resource = pick(kResources);
  if (chance(70)) q.resource_account = pick(kAccounts);
  add_keys(q.keys);
  const auto some = [&](std::vector<std::string>& policies, std::size_t at_most) {
    for (auto left = below(at_most + 1); left > 0; --left)
      policies.push_back(policy(Grammar::identity));
  };
  if (chance(25)) some(q.account_policies, 2);
  if (!q.principal.account.empty()) some(q.identity_policies, 3);
  if (chance(20)) q.boundary = policy(Grammar::identity);
  if (chance(20)) some(q.session_policies.emplace(), 2);
  if (chance(50)) q.resource_policy = policy(Grammar::bucket);
  q.resource_must_allow = chance(10);
  if (chance(10)) q.grant = chance(50) ? Question::account_grant : Question::direct_grant;
  return q;
}

namespace {

// A context that is the map itself.
class MapContext final : public Context {
 public:
  explicit MapContext(const Keys& keys) : keys_(keys) {}
  void find(std::string_view key, std::vector<std::string>& values) const override {
    if (const auto found = keys_.find(std::string(key)); found != keys_.end())
      values = found->second;
  }

 private:
  const Keys& keys_;
};

NamedPolicy compiled(const std::string& json, Grammar grammar) {
  auto document = parse(json, {.grammar = grammar, .size_max = 100'000});
  if (!document) throw std::runtime_error(document.error().message + " in " + json);
  return {"p", document.value()};
}

Decision decide(const Question& q) {
  Policies policies;
  for (const auto& json : q.account_policies)
    policies.account.push_back(compiled(json, Grammar::account));
  for (const auto& json : q.identity_policies)
    policies.identity.push_back(compiled(json, Grammar::identity));
  if (q.boundary) policies.boundary = compiled(*q.boundary, Grammar::identity);
  if (q.session_policies) {
    policies.session.emplace();
    for (const auto& json : *q.session_policies)
      policies.session->push_back(compiled(json, Grammar::identity));
  }
  std::optional<NamedPolicy> of_resource;
  if (q.resource_policy) of_resource = compiled(*q.resource_policy, Grammar::bucket);
  const MapContext context(q.keys);
  Request request{
      .action = q.action, .resource = q.resource, .resource_account = q.resource_account};
  request.resource_policy = of_resource ? &*of_resource : nullptr;
  request.resource_must_allow = q.resource_must_allow;
  request.granted_otherwise = q.grant == Question::direct_grant    ? Grant::direct
                              : q.grant == Question::account_grant ? Grant::account
                                                                   : Grant::none;
  request.context = &context;
  return policy::decide(q.principal, policies, request);
}

std::string show(const Question& q) {
  auto text =
      fmt::format("{} {} {} of {}\n", q.principal.arn, q.action, q.resource, q.resource_account);
  for (const auto& [key, values] : q.keys)
    text += fmt::format("  {} = [{}]\n", key, fmt::join(values, "|"));
  const auto add = [&](const char* layer, const std::string& json) {
    text += fmt::format("{}: {}\n", layer, json);
  };
  for (const auto& json : q.account_policies) add("account", json);
  for (const auto& json : q.identity_policies) add("identity", json);
  if (q.boundary) add("boundary", *q.boundary);
  if (q.session_policies)
    for (const auto& json : *q.session_policies) add("session", json);
  if (q.resource_policy) add("resource", *q.resource_policy);
  return text;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace

// In ten parts, so that none takes long: 10,000 cases.
class RandomCases : public testing::TestWithParam<int> {};

TEST_P(RandomCases, TheEvaluatorAgreesWithTheReference) {
  const auto cases = from_environment("ANGOPHORA_POLICY_CASES", 1'000);
  const auto seed =
      from_environment("ANGOPHORA_POLICY_SEED", 20261122) + static_cast<std::uint64_t>(GetParam());
  RandomWorld world(seed);
  std::map<Why, std::uint64_t> seen;
  int differences = 0;
  for (std::uint64_t i = 0; i < cases && differences < 3; ++i) {
    const auto question = world.question();
    const auto decision = decide(question);
    const auto expected = answer(question);
    const auto given = decision.allowed               ? Answer::allowed
                       : decision.denied_explicitly() ? Answer::denied_explicitly
                                                      : Answer::denied_implicitly;
    ++seen[decision.why];
    if (given == expected) continue;
    ++differences;
    ADD_FAILURE() << "case " << i << " of seed " << seed << ": " << decision.sentence()
                  << "\nreference: " << static_cast<int>(expected) << "\n"
                  << show(question);
  }
  // Cases that never meet would show nothing.
  for (const auto why : {Why::identity_allows, Why::resource_allows, Why::root, Why::explicit_deny,
                         Why::above_account_ceiling, Why::no_identity_statement,
                         Why::outside_boundary, Why::outside_session, Why::no_resource_statement})
    EXPECT_GE(seen[why] * 200, cases) << to_string(why);
}
INSTANTIATE_TEST_SUITE_P(Part, RandomCases, testing::Range(1, 11));

}  // namespace angophora::policy::reference
