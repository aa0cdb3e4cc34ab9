#include "common/policy/reference_evaluator.h"

#include <gtest/gtest.h>
#include <time.h>

#include <boost/asio/ip/address.hpp>
#include <boost/json.hpp>

#include "common/base/encoding.h"

namespace angophora::policy::reference {
namespace {

namespace json = boost::json;

std::string lower(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::vector<std::string> texts(const json::value& value) {
  if (value.is_string()) return {std::string(value.as_string())};
  if (value.is_bool()) return {value.as_bool() ? "true" : "false"};
  if (value.is_number()) return {json::serialize(value)};
  std::vector<std::string> all;
  for (const auto& item : value.as_array())
    for (auto& text : texts(item)) all.push_back(std::move(text));
  return all;
}

// One place of a pattern: a character, any one, or any run.
struct Place {
  enum { character, any_one, any_run } kind;
  std::string text;  // of the character, all its bytes
};
using Places = std::vector<Place>;

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> all;
  for (const char c : text)
    if (!all.empty() && (static_cast<unsigned char>(c) & 0xc0) == 0x80)
      all.back() += c;
    else
      all.emplace_back(1, c);
  return all;
}

bool like(const Places& pattern, std::size_t p, const std::vector<std::string>& text,
          std::size_t t) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p].kind == Place::any_run)
    return like(pattern, p + 1, text, t) || (t < text.size() && like(pattern, p, text, t + 1));
  if (t == text.size()) return false;
  if (pattern[p].kind == Place::character && pattern[p].text != text[t]) return false;
  return like(pattern, p + 1, text, t + 1);
}

// Puts the values of variables into a text of a policy. Nothing when one has no value.
std::optional<Places> places(const std::string& text, const Keys& keys, bool wildcards,
                             bool variables) {
  Places out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (variables && text.compare(i, 2, "${") == 0) {
      const auto end = text.find('}', i);
      auto name = text.substr(i + 2, end - i - 2);
      i = end;
      std::optional<std::string> value;
      if (const auto comma = name.find(", '"); comma != std::string::npos) {
        value = name.substr(comma + 3, name.size() - comma - 4);
        name = name.substr(0, comma);
      }
      if (name == "*" || name == "?" || name == "$") value = name;
      const auto known = keys.find(lower(name));
      if (known != keys.end() && known->second.size() == 1) value = known->second[0];
      if (!value) return std::nullopt;
      for (auto& c : characters(*value)) out.push_back({Place::character, c});
    } else if (wildcards && text[i] == '*') {
      out.push_back({Place::any_run, ""});
    } else if (wildcards && text[i] == '?') {
      out.push_back({Place::any_one, ""});
    } else if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) {
      out.back().text += text[i];
    } else {
      out.push_back({Place::character, std::string(1, text[i])});
    }
  }
  return out;
}

bool text_fits(const std::string& pattern, const std::string& text, const Keys& keys,
               bool wildcards, bool variables) {
  const auto expanded = places(pattern, keys, wildcards, variables);
  return expanded && like(*expanded, 0, characters(text), 0);
}

// The six parts; colons inside variables do not count. Fewer are filled up with '*'.
std::vector<std::string> arn_parts(const std::string& arn, bool is_pattern, bool variables) {
  std::vector<std::string> parts{""};
  bool in_variable = false;
  for (std::size_t i = 0; i < arn.size(); ++i) {
    if (variables && arn.compare(i, 2, "${") == 0) in_variable = true;
    if (arn[i] == '}') in_variable = false;
    if (arn[i] == ':' && !in_variable && parts.size() < 6)
      parts.emplace_back();
    else
      parts.back() += arn[i];
  }
  while (is_pattern && parts.size() < 6) parts.emplace_back("*");
  return parts;
}

bool arn_fits(const std::string& pattern, const std::string& arn, const Keys& keys, bool variables,
              bool of_resource) {
  const auto is_arn = arn_parts(arn, false, false).size() == 6 && arn.starts_with("arn:");
  if (pattern == "*") return of_resource || is_arn;
  if (!is_arn) return false;
  const auto wanted = arn_parts(pattern, true, variables), given = arn_parts(arn, false, false);
  for (std::size_t i = 1; i < 6; ++i) {
    // The original writes EC2's names without region and account.
    if (of_resource && wanted[2] == "ec2" && (i == 3 || i == 4) && wanted[i].empty()) continue;
    if (!text_fits(wanted[i], given[i], keys, true, variables)) return false;
  }
  return true;
}

long double number_of(const std::string& text) {
  std::size_t used = 0;
  try {
    const auto number = std::stold(text, &used);
    if (used == text.size() && text.find_first_of("xXeEnN") == std::string::npos) return number;
  } catch (const std::exception&) {
  }
  return NAN;
}

// Seconds; NAN for what is no date. Tests use dates with seconds in UTC, days, and seconds since
// 1970.
long double date_of(const std::string& text) {
  for (const char* format : {"%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"}) {
    tm parts{};
    const char* end = strptime(text.c_str(), format, &parts);
    if (end && *end == '\0') return static_cast<long double>(timegm(&parts));
  }
  return number_of(text);
}

// All bits as text, "0" and "1"; empty for what is no address.
std::string bits_of(const std::string& address) {
  boost::system::error_code ec;
  const auto parsed = boost::asio::ip::make_address(address, ec);
  std::string bits;
  if (ec) return bits;
  const auto add = [&](const auto& bytes) {
    for (const unsigned byte : bytes)
      for (int i = 7; i >= 0; --i) bits += (byte >> i) & 1 ? '1' : '0';
  };
  if (parsed.is_v4())
    add(parsed.to_v4().to_bytes());
  else
    add(parsed.to_v6().to_bytes());
  return bits;
}

bool address_fits(const std::string& range, const std::string& address) {
  const auto slash = range.find('/');
  const auto wanted = bits_of(range.substr(0, slash)), given = bits_of(address);
  if (wanted.size() != given.size() || given.empty()) return false;
  const auto count =
      slash == std::string::npos ? wanted.size() : std::stoul(range.substr(slash + 1));
  return wanted.substr(0, count) == given.substr(0, count);
}

bool ordered(const std::string& relation, long double a, long double b) {
  if (std::isnan(a)) return false;
  if (relation == "Equals") return a == b;
  if (relation == "LessThan") return a < b;
  if (relation == "LessThanEquals") return a <= b;
  if (relation == "GreaterThan") return a > b;
  return a >= b;
}

// One value of the policy against one of the request, for an operator without "Not".
bool fits(const std::string& op, const std::string& wanted, const std::string& given,
          const Keys& keys, bool variables) {
  if (op == "StringEquals") return text_fits(wanted, given, keys, false, variables);
  if (op == "StringLike") return text_fits(wanted, given, keys, true, variables);
  if (op == "StringEqualsIgnoreCase") {
    Keys small;
    for (const auto& [key, values] : keys)
      for (const auto& value : values) small[key].push_back(lower(value));
    return text_fits(lower(wanted), lower(given), small, false, variables);
  }
  if (op.starts_with("Numeric")) return ordered(op.substr(7), number_of(given), number_of(wanted));
  if (op.starts_with("Date")) return ordered(op.substr(4), date_of(given), date_of(wanted));
  if (op == "Bool") return text_fits(lower(wanted), lower(given), keys, false, variables);
  if (op == "BinaryEquals") return common::base64_decode(wanted) == given;
  if (op == "IpAddress") return address_fits(wanted, given);
  return arn_fits(wanted, given, keys, variables, false);  // ArnEquals and ArnLike
}

bool condition_holds(std::string op, const std::string& key, const std::vector<std::string>& wanted,
                     const Keys& keys, bool variables) {
  const auto found = keys.find(lower(key));
  const auto given = found == keys.end() ? std::vector<std::string>{} : found->second;
  if (op == "Null") {
    for (const auto& value : wanted)
      if ((lower(value) == "true") == given.empty()) return true;
    return false;
  }
  std::string set;
  if (const auto colon = op.find(':'); colon != std::string::npos) {
    set = op.substr(0, colon);
    op = op.substr(colon + 1);
  }
  const bool if_exists = op.ends_with("IfExists");
  if (if_exists) op.resize(op.size() - 8);
  const auto negation = op.find("Not");
  const bool negated = negation != std::string::npos;
  if (negated) op.erase(negation, 3);

  bool no_value = given.empty();
  if (!set.empty()) {
    no_value = true;
    for (const auto& value : given) no_value = no_value && value.empty();
  }
  if (no_value) {
    if (if_exists || set == "ForAllValues") return true;
    if (set == "ForAnyValue") return false;
    return negated;
  }
  bool all = true, any = false, any_plain = false;
  for (const auto& value : given) {
    bool one = false;
    for (const auto& w : wanted) one = one || fits(op, w, value, keys, variables);
    any_plain = any_plain || one;
    if (negated) one = !one;
    all = all && one;
    any = any || one;
  }
  if (set == "ForAllValues") return all;
  if (set == "ForAnyValue") return any;
  return negated ? !any_plain : any_plain;
}

// 0: not meant. 1: the account is. 2: the role or user behind the session. 3: who asks.
int named(const json::value& element, const Principal& who) {
  if (element.is_string()) return 3;
  int best = 0;
  const auto better = [&](int how) { best = std::max(best, how); };
  for (const auto& [type, value] : element.as_object())
    for (const auto& text : texts(value)) {
      const bool root = who.type == Principal::Type::root;
      if (type == "AWS") {
        if (text == "*") better(3);
        if (!who.account.empty() &&
            (text == who.account || text == "arn:aws:iam::" + who.account + ":root"))
          better(root ? 3 : 1);
        if (text == who.issuer_arn || text == who.issuer_id) better(2);
        if (text == who.arn || text == who.id) better(3);
      }
      if (type == "CanonicalUser" && text == who.canonical_id) better(root ? 3 : 1);
      if (type == "Service" && who.type == Principal::Type::service && text == who.name) better(3);
      if (type == "Federated" && who.type == Principal::Type::web_identity && text == who.name)
        better(3);
    }
  return best;
}

// NotPrincipal spares those whose account, role and self are all named.
bool spared(const json::value& element, const Principal& who, bool has_boundary) {
  if (element.is_string()) return true;
  std::vector<std::string> aws, others;
  for (const auto& [type, value] : element.as_object())
    for (const auto& text : texts(value)) {
      if (type == "AWS" && text == "*") return true;
      (type == "AWS" ? aws : others).push_back(text);
    }
  if (has_boundary) return false;
  const auto has = [&](const auto& list, const std::string& text) {
    return !text.empty() && std::find(list.begin(), list.end(), text) != list.end();
  };
  const bool account = has(aws, who.account) || has(aws, "arn:aws:iam::" + who.account + ":root") ||
                       has(others, who.canonical_id);
  switch (who.type) {
    case Principal::Type::anonymous:
      return false;
    case Principal::Type::service:
    case Principal::Type::web_identity:
      return has(others, who.name);
    case Principal::Type::root:
      return account;
    case Principal::Type::role_session:
      // A role may be named by its unique id as well.
      return account && (has(aws, who.issuer_arn) || has(aws, who.issuer_id)) && has(aws, who.arn);
    default:
      return account && (has(aws, who.arn) || has(aws, who.id));
  }
}

int statement_applies(const json::object& statement, const Question& q, const Keys& keys,
                      bool variables) {
  int how = 3;
  if (const auto* principal = statement.if_contains("Principal"))
    how = named(*principal, q.principal);
  if (const auto* principal = statement.if_contains("NotPrincipal"))
    how = spared(*principal, q.principal, q.boundary.has_value()) ? 0 : 3;
  const auto any_action = [&](const json::value& patterns) {
    for (const auto& pattern : texts(patterns))
      if (text_fits(lower(pattern), lower(q.action), {}, true, false)) return true;
    return false;
  };
  const auto any_resource = [&](const json::value& patterns) {
    for (const auto& pattern : texts(patterns))
      if (arn_fits(pattern, q.resource, keys, variables, true)) return true;
    return false;
  };
  if (const auto* actions = statement.if_contains("Action"); actions && !any_action(*actions))
    return 0;
  if (const auto* actions = statement.if_contains("NotAction"); actions && any_action(*actions))
    return 0;
  if (const auto* r = statement.if_contains("Resource"); r && !any_resource(*r)) return 0;
  if (const auto* r = statement.if_contains("NotResource"); r && any_resource(*r)) return 0;
  if (const auto* condition = statement.if_contains("Condition"))
    for (const auto& [op, block] : condition->as_object())
      for (const auto& [key, values] : block.as_object())
        if (!condition_holds(std::string(op), std::string(key), texts(values), keys, variables))
          return 0;
  return how;
}

struct Found {
  bool denies = false, has_allow = false;
  int allows = 0;
};

Found look(const std::vector<std::string>& policies, const Question& q, const Keys& keys) {
  Found found;
  for (const auto& text : policies) {
    const auto policy = json::parse(text).as_object();
    const auto* version = policy.if_contains("Version");
    const bool variables = version && version->as_string() == "2012-10-17";
    const auto& block = policy.at("Statement");
    const auto statements = block.is_array() ? block.as_array() : json::array{block};
    for (const auto& item : statements) {
      const auto& statement = item.as_object();
      const int how = statement_applies(statement, q, keys, variables);
      if (statement.at("Effect").as_string() == "Deny") {
        found.denies = found.denies || how > 0;
      } else {
        found.has_allow = true;
        found.allows = std::max(found.allows, how);
      }
    }
  }
  return found;
}

void add_principal(const Principal& who, Keys& keys) {
  const auto set = [&](const char* key, const std::string& value) {
    if (!value.empty()) keys[key] = {value};
  };
  set("aws:username", who.user_name);
  set("aws:userid", who.id);
  set("aws:principalaccount", who.account);
  set("aws:principalarn", who.type == Principal::Type::role_session ? who.issuer_arn : who.arn);
  set("aws:principalisawsservice", who.type == Principal::Type::service ? "true" : "false");
  static const std::map<Principal::Type, std::string> kTypes{
      {Principal::Type::root, "Account"},
      {Principal::Type::user, "User"},
      {Principal::Type::role_session, "AssumedRole"},
      {Principal::Type::federated_user, "FederatedUser"},
      {Principal::Type::anonymous, "Anonymous"}};
  if (const auto type = kTypes.find(who.type); type != kTypes.end())
    set("aws:principaltype", type->second);
  for (const auto& [name, value] : who.tags) keys["aws:principaltag/" + lower(name)] = {value};
}

}  // namespace

Answer answer(const Question& q) {
  auto keys = q.keys;
  add_principal(q.principal, keys);
  if (!q.resource_account.empty()) keys["aws:resourceaccount"] = {q.resource_account};
  const auto one = [](const std::optional<std::string>& policy) {
    return policy ? std::vector<std::string>{*policy} : std::vector<std::string>{};
  };
  const auto account = look(q.account_policies, q, keys);
  const auto identity = look(q.identity_policies, q, keys);
  const auto boundary = look(one(q.boundary), q, keys);
  const auto session = look(q.session_policies.value_or(std::vector<std::string>{}), q, keys);
  const auto resource = look(one(q.resource_policy), q, keys);

  // An explicit deny anywhere.
  if (account.denies || identity.denies || boundary.denies || session.denies || resource.denies)
    return Answer::denied_explicitly;
  const auto verdict = [](bool yes) { return yes ? Answer::allowed : Answer::denied_implicitly; };
  // The ceiling of the account.
  if (account.has_allow && account.allows == 0) return Answer::denied_implicitly;
  // What the resource gives.
  int given = resource.allows;
  if (q.grant == Question::account_grant) given = std::max(given, 1);
  if (q.grant == Question::direct_grant) given = 3;
  // Who has no account has nothing else.
  if (q.principal.account.empty()) return verdict(given > 0);
  const bool limits =
      (!q.boundary || boundary.allows > 0) && (!q.session_policies || session.allows > 0);
  const bool root = q.principal.type == Principal::Type::root || q.principal.issued_by_root;
  const bool by_identity = (root || identity.allows > 0) && limits;
  // Another account: both sides.
  if (!q.resource_account.empty() && q.resource_account != q.principal.account)
    return verdict(given > 0 && by_identity);
  // The same account: a direct grant needs nothing else; one to the role or user behind a session
  // is limited by boundary and session policies.
  if (given == 3) return Answer::allowed;
  if (given == 2 && limits) return Answer::allowed;
  if (q.resource_must_allow && given == 0) return Answer::denied_implicitly;
  return verdict(by_identity);
}

TEST(ReferenceEvaluator, ReadsThePlainCases) {
  Question q{.principal = Principal::user("111111111111", "alice", "AIDAALICE00000000000"),
             .action = "s3:GetObject",
             .resource = "arn:aws:s3:::photos/alice/a.jpg",
             .resource_account = "111111111111"};
  EXPECT_EQ(answer(q), Answer::denied_implicitly);
  q.identity_policies = {
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*",
                             "Resource":"arn:aws:s3:::photos/${aws:username}/*"}})"};
  EXPECT_EQ(answer(q), Answer::allowed);
  q.resource = "arn:aws:s3:::photos/bob/a.jpg";
  EXPECT_EQ(answer(q), Answer::denied_implicitly);
  q.resource_policy =
      R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}})";
  EXPECT_EQ(answer(q), Answer::denied_explicitly);
}

}  // namespace angophora::policy::reference
