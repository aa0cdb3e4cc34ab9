#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "common/base/text.h"
#include "common/policy/document.h"
#include "common/policy/json.h"
#include "common/policy/keys.h"
#include "common/policy/statement.h"

namespace angophora::policy {
namespace {

// No client sends more; white space beyond it is an attack.
constexpr std::size_t kBytesMax = 131'072;

// Refuses what is not in `known`, so that a slip of the pen is not taken for a wider permission.
common::Result<> only_members(const Json& object, std::span<const std::string_view> known) {
  for (const auto& [name, value] : object.members) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    for (const auto& near : known)
      if (common::equal_ignore_case(near, name) ||
          (name.size() < 40 && common::edit_distance(near, name) <= 2))
        return malformed(
            fmt::format("the element \"{}\" is not known; did you mean {}?", name, near));
    return malformed(fmt::format("the element \"{}\" is not known", name));
  }
  return common::ok();
}

common::Result<std::string> text_of(const Json& value, std::string_view element) {
  if (!value.is(Json::Kind::string))
    return malformed(fmt::format("{} is {}; it must be a text", element, describe(value.kind)));
  return value.text;
}

// One text, or a list of at least one.
common::Result<std::vector<std::string_view>> texts_of(const Json& value,
                                                       std::string_view element) {
  std::vector<std::string_view> texts;
  const auto add = [&](const Json& item) {
    if (item.is(Json::Kind::string)) texts.push_back(item.text);
    return item.is(Json::Kind::string);
  };
  const bool good = value.is(Json::Kind::array)
                        ? std::all_of(value.items.begin(), value.items.end(), add) && !texts.empty()
                        : add(value);
  if (!good)
    return malformed(fmt::format("{} must be a text or a list of at least one text", element));
  return texts;
}

// Which of "Action" and "NotAction" (or the like) is there; both are too many.
struct Either {
  const Json* value = nullptr;
  bool negated = false;
  std::string name;
};
common::Result<Either> either(const Json& statement, const std::string& name) {
  const auto* plain = statement.member(name);
  const auto* negated = statement.member("Not" + name);
  if (plain && negated) return malformed(fmt::format("it has both {0} and Not{0}", name));
  return Either{plain ? plain : negated, negated != nullptr, negated ? "Not" + name : name};
}

class StatementReader {
 public:
  StatementReader(const Json& json, const Rules& rules, bool variables)
      : json_(json), rules_(rules), variables_(variables) {}

  common::Result<Statement> read() {
    static constexpr std::string_view kKnown[] = {"Sid",          "Effect",      "Principal",
                                                  "NotPrincipal", "Action",      "NotAction",
                                                  "Resource",     "NotResource", "Condition"};
    if (!json_.is(Json::Kind::object))
      return malformed(fmt::format("it is {}; it must be an object", describe(json_.kind)));
    TRY_VOID(only_members(json_, kKnown));
    TRY_VOID(read_sid());
    TRY_VOID(read_effect());
    TRY_VOID(read_principal());
    TRY_VOID(read_action());
    TRY_VOID(read_resource());
    TRY_VOID(read_condition());
    return std::move(out_);
  }

 private:
  bool has_principal() const {
    return rules_.grammar == Grammar::bucket || rules_.grammar == Grammar::trust;
  }

  common::Result<> read_sid() {
    const auto* sid = json_.member("Sid");
    if (!sid) return common::ok();
    TRY(out_.sid, text_of(*sid, "Sid"));
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    if (rules_.grammar != Grammar::bucket &&
        out_.sid.find_first_not_of(kPlain) != std::string::npos)
      return malformed("Sid may have letters and digits only");
    return common::ok();
  }

  common::Result<> read_effect() {
    const auto* effect = json_.member("Effect");
    if (!effect) return malformed("it has no Effect");
    TRY(const auto text, text_of(*effect, "Effect"));
    if (text == "Allow") {
      out_.effect = Statement::Effect::allow;
    } else if (text == "Deny") {
      out_.effect = Statement::Effect::deny;
    } else if (text == "Limit" && rules_.limits) {
      out_.effect = Statement::Effect::limit;
    } else {
      return malformed(fmt::format("Effect is \"{}\"; it must be Allow or Deny{}", text,
                                   rules_.limits ? ", or Limit for a quota" : ""));
    }
    return common::ok();
  }

  common::Result<> read_principal() {
    TRY(const auto found, either(json_, "Principal"));
    if (!has_principal()) {
      if (found.value) return malformed(found.name + " cannot stand in a policy of an identity");
      return common::ok();
    }
    if (!found.value) return malformed("it has no Principal");
    out_.not_principal = found.negated;
    if (found.negated && rules_.grammar == Grammar::trust)
      return malformed("NotPrincipal cannot stand in the trust policy of a role");
    if (found.negated && out_.effect == Statement::Effect::allow)
      return malformed("NotPrincipal goes with Deny only");
    if (found.value->is(Json::Kind::string)) {
      if (found.value->text != "*")
        return malformed(found.name +
                         " must be \"*\" or an object with AWS, Service, Federated or "
                         "CanonicalUser");
      out_.principals.push_back({PrincipalPattern::Kind::everyone, ""});
      return common::ok();
    }
    return read_principal_map(*found.value, found.name);
  }

  common::Result<> read_principal_map(const Json& map, const std::string& element) {
    static constexpr std::string_view kKnown[] = {"AWS", "Service", "Federated", "CanonicalUser"};
    if (!map.is(Json::Kind::object) || map.members.empty())
      return malformed(element + " names nobody; it must be \"*\" or an object that is not empty");
    TRY_VOID(with(element, only_members(map, kKnown)));
    for (const auto& [type, value] : map.members) {
      if (type == "CanonicalUser" && rules_.grammar == Grammar::trust)
        return malformed(element + ": CanonicalUser cannot stand in the trust policy of a role");
      TRY(const auto texts, texts_of(value, fmt::format("{} {}", element, type)));
      for (const auto text : texts) {
        TRY(auto pattern, with(element, PrincipalPattern::compile(type, text)));
        out_.principals.push_back(std::move(pattern));
      }
    }
    return common::ok();
  }

  common::Result<> read_action() {
    TRY(const auto found, either(json_, "Action"));
    if (!found.value) return malformed("it has neither Action nor NotAction");
    out_.not_action = found.negated;
    TRY(const auto texts, texts_of(*found.value, found.name));
    for (const auto text : texts) {
      TRY_VOID(with(found.name, check_action(text)));
      TRY(auto pattern, Pattern::compile(common::to_lower(text), {}));
      out_.actions.push_back(std::move(pattern));
    }
    return common::ok();
  }

  common::Result<> check_action(std::string_view text) const {
    constexpr std::string_view kService =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    constexpr std::string_view kName =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_*?";
    const bool trust = rules_.grammar == Grammar::trust;
    if (text == "*" && !trust) return common::ok();
    const auto colon = std::min(text.find(':'), text.size());
    const auto service = text.substr(0, colon);
    const auto name = text.substr(std::min(colon + 1, text.size()));
    if (service.empty() || name.empty() ||
        service.find_first_not_of(kService) != std::string_view::npos ||
        name.find_first_not_of(kName) != std::string_view::npos)
      return malformed(fmt::format("\"{}\" is neither * nor of the form service:Action", text));
    if (trust && !common::equal_ignore_case(service, "sts"))
      return malformed(fmt::format("\"{}\" is not an action of sts, as in a trust policy", text));
    return common::ok();
  }

  common::Result<> read_resource() {
    TRY(const auto found, either(json_, "Resource"));
    if (rules_.grammar == Grammar::trust) {
      if (found.value) return malformed(found.name + " cannot stand in the trust policy of a role");
      return common::ok();
    }
    if (!found.value) return malformed("it has neither Resource nor NotResource");
    out_.not_resource = found.negated;
    TRY(const auto texts, texts_of(*found.value, found.name));
    for (const auto text : texts) {
      TRY(auto pattern,
          with(found.name, ArnPattern::compile(text, ArnPattern::Use::resource, variables_)));
      if (!in_bucket(text))
        return malformed(fmt::format("{}: \"{}\" does not lie in the bucket {}", found.name, text,
                                     rules_.bucket));
      out_.resources.push_back(std::move(pattern));
    }
    return common::ok();
  }

  bool in_bucket(std::string_view text) const {
    if (rules_.grammar != Grammar::bucket || rules_.bucket.empty()) return true;
    const auto arn = ArnPattern::split(text);
    if (!arn || arn->part[2] != "s3") return false;
    return common::glob_match(arn->part[5].substr(0, arn->part[5].find('/')), rules_.bucket);
  }

  common::Result<> read_condition() {
    const auto* block = json_.member("Condition");
    if (out_.effect == Statement::Effect::limit) return read_limits(block);
    if (!block) return common::ok();
    if (!block->is(Json::Kind::object)) return malformed("Condition must be an object");
    for (const auto& [op, keys] : block->members) {
      if (!keys.is(Json::Kind::object))
        return malformed(
            fmt::format("Condition: \"{}\" must hold an object of keys and values", op));
      for (const auto& [key, values] : keys.members) {
        TRY(auto condition, with("Condition", Condition::compile(op, key, values, variables_)));
        for (const auto& other : out_.conditions)
          if (other.op() == op && other.key() == condition.key())
            return malformed(fmt::format("Condition: {} names {} twice", op, key));
        out_.conditions.push_back(std::move(condition));
      }
    }
    return common::ok();
  }

  // The Condition of a statement with the effect Limit: keys of quotas and their maxima.
  common::Result<> read_limits(const Json* block) {
    constexpr std::string_view kOperator = "NumericLessThanEquals";
    const auto* keys = block ? block->member(kOperator) : nullptr;
    if (!keys || block->members.size() != 1 || keys->members.empty())
      return malformed(fmt::format("Limit needs a Condition of {} and nothing else", kOperator));
    for (const auto& [key, value] : keys->members) {
      const auto lower = common::to_lower(key);
      if (find_key(lower) != KeyKind::quota)
        return malformed(fmt::format("Condition: \"{}\" is not the key of a quota", key));
      const bool one = value.is(Json::Kind::string) || value.is(Json::Kind::number);
      const auto maximum = common::parse_number<std::int64_t>(value.text);
      if (!one || !maximum || *maximum < 0)
        return malformed(fmt::format("Condition: the maximum of {} is not a whole number", key));
      out_.limits.emplace_back(lower, *maximum);
    }
    return common::ok();
  }

  // Puts the element in front of a failure.
  template <class T>
  static common::Result<T> with(std::string_view element, common::Result<T> result) {
    if (!result) return std::move(result).assume_error().while_doing(element);
    return result;
  }

  const Json& json_;
  const Rules& rules_;
  const bool variables_;
  Statement out_;
};

common::Result<bool> read_version(const Json& root) {
  const auto* version = root.member("Version");
  if (!version) return false;
  TRY(const auto text, text_of(*version, "Version"));
  if (text != "2012-10-17" && text != "2008-10-17")
    return malformed(fmt::format("Version is \"{}\"; it must be 2012-10-17 or 2008-10-17", text));
  return text == "2012-10-17";
}

common::Result<> read_statements(const Json& root, const Rules& rules, Document::Body& body) {
  const auto* block = root.member("Statement");
  if (!block) return malformed("the policy has no Statement");
  const std::span<const Json> list =
      block->is(Json::Kind::array) ? std::span<const Json>(block->items) : std::span(block, 1);
  if (list.empty()) return malformed("the policy has no statements");
  if (list.size() > rules.statements_max)
    return malformed(fmt::format("the policy has {} statements; at most {} may be in one",
                                 list.size(), rules.statements_max));
  std::map<std::string, std::size_t> sids;
  std::size_t number = 0;
  for (const auto& json : list) {
    const auto* sid = json.member("Sid");
    const auto place = fmt::format("statement {}{}", ++number,
                                   sid && !sid->text.empty() ? " (" + sid->text + ")" : "");
    auto statement = StatementReader(json, rules, body.variables).read();
    if (!statement) return std::move(statement).assume_error().while_doing(place);
    auto& read = statement.assume_value();
    read.number = number;
    const auto [first, added] = sids.emplace(read.sid, number);
    if (!added && !read.sid.empty() && rules.grammar != Grammar::bucket)
      return malformed(fmt::format("{}: Sid is that of statement {} too", place, first->second));
    auto& list_of_effect = read.effect == Statement::Effect::limit ? body.limits : body.statements;
    list_of_effect.push_back(std::move(read));
  }
  return common::ok();
}

std::size_t counted_size(std::string_view text, bool white_space) {
  if (white_space) return text.size();
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return c != ' ' && c != '\t' && c != '\r' && c != '\n';
  }));
}

}  // namespace

std::string_view to_string(PolicyErrc e) {
  switch (e) {
    case PolicyErrc::malformed:
      return "malformed policy";
    case PolicyErrc::too_large:
      return "policy too large";
  }
  return "unknown";
}

std::vector<std::string> Document::named_principals() const {
  std::vector<std::string> names;
  for (const auto& statement : statements())
    for (const auto& principal : statement.principals)
      if (principal.kind != PrincipalPattern::Kind::everyone &&
          principal.kind != PrincipalPattern::Kind::service)
        names.push_back(principal.value);
  return names;
}

common::Result<Document> parse(std::string_view json, const Rules& rules) {
  Document::Body body;
  body.size = counted_size(json, rules.count_white_space);
  if (body.size > rules.size_max || json.size() > kBytesMax)
    return common::Error(PolicyErrc::too_large,
                         fmt::format("the policy has {} characters; {} are allowed here", body.size,
                                     rules.size_max));
  TRY(const auto root, read_json(json));
  if (!root.is(Json::Kind::object))
    return malformed(fmt::format("the policy is {}; it must be an object", describe(root.kind)));
  static constexpr std::string_view kKnown[] = {"Version", "Id", "Statement"};
  TRY_VOID(only_members(root, kKnown));
  TRY(body.variables, read_version(root));
  if (const auto* id = root.member("Id")) {
    if (rules.grammar == Grammar::identity || rules.grammar == Grammar::account)
      return malformed("Id cannot stand in a policy of an identity");
    TRY(body.id, text_of(*id, "Id"));
  }
  TRY_VOID(read_statements(root, rules, body));
  return Document(std::make_shared<const Document::Body>(std::move(body)));
}

}  // namespace angophora::policy
