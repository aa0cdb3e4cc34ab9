#include "common/policy/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/policy/document.h"
#include "common/policy/keys.h"

namespace angophora::policy {
namespace {

struct Operator {
  std::string_view name;
  Condition::Test test;
  Condition::Order order = Condition::Order::equal;
  bool negated = false;
  bool wildcards = false;
  bool fold_case = false;
};

constexpr auto kOperators = [] {
  using T = Condition::Test;
  using O = Condition::Order;
  return std::to_array<Operator>({
      {"StringEquals", T::text},
      {"StringNotEquals", T::text, O::equal, true},
      {"StringEqualsIgnoreCase", T::text, O::equal, false, false, true},
      {"StringNotEqualsIgnoreCase", T::text, O::equal, true, false, true},
      {"StringLike", T::text, O::equal, false, true},
      {"StringNotLike", T::text, O::equal, true, true},
      {"NumericEquals", T::number},
      {"NumericNotEquals", T::number, O::equal, true},
      {"NumericLessThan", T::number, O::less},
      {"NumericLessThanEquals", T::number, O::less_or_equal},
      {"NumericGreaterThan", T::number, O::greater},
      {"NumericGreaterThanEquals", T::number, O::greater_or_equal},
      {"DateEquals", T::date},
      {"DateNotEquals", T::date, O::equal, true},
      {"DateLessThan", T::date, O::less},
      {"DateLessThanEquals", T::date, O::less_or_equal},
      {"DateGreaterThan", T::date, O::greater},
      {"DateGreaterThanEquals", T::date, O::greater_or_equal},
      {"Bool", T::boolean},
      {"BinaryEquals", T::binary},
      {"IpAddress", T::address},
      {"NotIpAddress", T::address, O::equal, true},
      {"ArnEquals", T::arn},
      {"ArnLike", T::arn},
      {"ArnNotEquals", T::arn, O::equal, true},
      {"ArnNotLike", T::arn, O::equal, true},
      {"Null", T::null},
  });
}();

std::string nearest_operator(std::string_view name) {
  std::string_view best;
  std::size_t distance = 4;
  for (const auto& known : kOperators) {
    const auto d = name.size() > 40 ? distance : common::edit_distance(known.name, name);
    if (d < distance) {
      distance = d;
      best = known.name;
    }
  }
  return best.empty() ? "" : fmt::format("; did you mean {}?", best);
}

bool in_order(Condition::Order order, std::strong_ordering is) {
  switch (order) {
    case Condition::Order::equal:
      return is == 0;
    case Condition::Order::less:
      return is < 0;
    case Condition::Order::less_or_equal:
      return is <= 0;
    case Condition::Order::greater:
      return is > 0;
    case Condition::Order::greater_or_equal:
      return is >= 0;
  }
  return false;
}

// The value when there is one, or a sentence about what it should have been.
template <class To, class From>
common::Result<To> expect(std::optional<From> parsed, std::string_view text,
                          std::string_view what) {
  if (!parsed) return malformed(fmt::format("\"{}\" is not {}", text, what));
  return To(std::move(*parsed));
}

}  // namespace

common::Result<> Condition::read_operator(std::string_view op, bool& wildcards, bool& fold_case) {
  auto name = op;
  const auto take = [&](std::string_view prefix, Of of) {
    if (!name.starts_with(prefix)) return;
    name.remove_prefix(prefix.size());
    of_ = of;
  };
  take("ForAllValues:", Of::all_values);
  if (of_ == Of::one) take("ForAnyValue:", Of::any_value);
  if (name.ends_with("IfExists")) {
    name.remove_suffix(8);
    if_exists_ = true;
  }
  const auto found = std::find_if(kOperators.begin(), kOperators.end(),
                                  [&](const auto& known) { return known.name == name; });
  if (found == kOperators.end())
    return malformed(fmt::format("the operator \"{}\" is not known{}", op, nearest_operator(name)));
  if (found->test == Test::null && (if_exists_ || of_ != Of::one))
    return malformed(fmt::format("Null takes neither IfExists nor a set operator: \"{}\"", op));
  test_ = found->test;
  order_ = found->order;
  negated_ = found->negated;
  wildcards = found->wildcards;
  fold_case = found->fold_case;
  return common::ok();
}

common::Result<Condition> Condition::compile(std::string_view op, std::string_view key,
                                             const Json& values, bool variables) {
  Condition condition;
  condition.op_ = op;
  condition.key_ = common::to_lower(key);
  bool wildcards = false, fold_case = false;
  TRY_VOID(condition.read_operator(op, wildcards, fold_case));
  const auto kind = find_key(condition.key_);
  if (kind == KeyKind::quota)
    return malformed(fmt::format("{} is for statements with the effect Limit", key));
  if (!kind) {
    const auto near = nearest_key(condition.key_);
    return malformed(fmt::format("the condition key \"{}\" is not known{}", key,
                                 near.empty() ? "" : "; did you mean " + near + "?"));
  }
  const auto add = [&](const Json& value) -> common::Result<> {
    if (!value.is(Json::Kind::string) && !value.is(Json::Kind::number) &&
        !value.is(Json::Kind::boolean))
      return malformed(fmt::format("a value of {} is {}; it must be a text, a number or a boolean",
                                   key, describe(value.kind)));
    auto compiled = condition.compile_value(
        value.text, {.wildcards = wildcards, .variables = variables, .fold_case = fold_case});
    if (!compiled)
      return std::move(compiled).assume_error().while_doing(fmt::format("{} {}", op, key));
    condition.values_.push_back(std::move(compiled).assume_value());
    return common::ok();
  };
  if (!values.is(Json::Kind::array)) {
    TRY_VOID(add(values));
    return condition;
  }
  for (const auto& value : values.items) TRY_VOID(add(value));
  if (condition.values_.empty()) return malformed(fmt::format("{} {} has no values", op, key));
  return condition;
}

common::Result<Condition::Value> Condition::compile_value(std::string_view text,
                                                          Pattern::Rules rules) const {
  switch (test_) {
    case Test::text: {
      TRY(auto pattern, Pattern::compile(text, rules));
      return Value(std::move(pattern));
    }
    case Test::number:
      return expect<Value>(Decimal::parse(text), text, "a number");
    case Test::date:
      return expect<Value>(parse_date(text), text, "a date of ISO 8601 or seconds");
    case Test::binary:
      return expect<Value>(common::base64_decode(text), text, "base64");
    case Test::address:
      return expect<Value>(Network::parse(text), text, "an address or a range of addresses");
    case Test::null:
      return expect<Value>(parse_bool(text), text, "true or false");
    case Test::boolean: {
      // A variable is allowed here too; it is compared like text.
      if (!rules.variables || text.find("${") == std::string_view::npos)
        return expect<Value>(parse_bool(text), text, "true or false");
      TRY(auto pattern,
          Pattern::compile(text, {.wildcards = false, .variables = true, .fold_case = true}));
      return Value(std::move(pattern));
    }
    case Test::arn: {
      TRY(auto arn, ArnPattern::compile(text, ArnPattern::Use::condition, rules.variables));
      return Value(std::move(arn));
    }
  }
  return malformed("an operator without a meaning");
}

// Whether a value of the request fits one of the policy's, before any negation.
bool Condition::any_value_fits(RequestValue& given, Lookup& request) const {
  const auto any = [&](auto fits) { return std::any_of(values_.begin(), values_.end(), fits); };
  const auto ordered = [&]<class T>(const std::optional<T>& value) {
    return value &&
           any([&](const Value& v) { return in_order(order_, *value <=> *std::get_if<T>(&v)); });
  };
  switch (test_) {
    case Test::text:
      return any(
          [&](const Value& v) { return std::get_if<Pattern>(&v)->matches(given.text(), request); });
    case Test::number:
      return ordered(given.number());
    case Test::date:
      return ordered(given.date());
    case Test::boolean:
      return given.boolean() && any([&](const Value& v) {
               const auto* pattern = std::get_if<Pattern>(&v);
               return pattern ? pattern->matches(given.text(), request)
                              : *std::get_if<bool>(&v) == *given.boolean();
             });
    case Test::binary:
      return any([&](const Value& v) { return *std::get_if<std::string>(&v) == given.text(); });
    case Test::address:
      return given.address() && any([&](const Value& v) {
               return std::get_if<Network>(&v)->contains(*given.address());
             });
    case Test::arn:
      return given.arn() && any([&](const Value& v) {
               return std::get_if<ArnPattern>(&v)->matches(given.arn(), request);
             });
    case Test::null:
      return false;
  }
  return false;
}

bool Condition::holds(Lookup& request) const {
  auto& in_request = request.values(key_);
  const auto all = [&](auto fits) {
    return std::all_of(in_request.begin(), in_request.end(), fits);
  };
  if (test_ == Test::null)
    return std::any_of(values_.begin(), values_.end(), [&](const Value& v) {
      return *std::get_if<bool>(&v) == in_request.empty();
    });
  // A set of nothing but empty texts is an empty set.
  const auto empty = [](const RequestValue& given) { return given.text().empty(); };
  if (in_request.empty() || (of_ != Of::one && all(empty)))
    return if_exists_ || of_ == Of::all_values || (of_ == Of::one && negated_);
  const auto fits = [&](RequestValue& given) { return any_value_fits(given, request); };
  switch (of_) {
    case Of::all_values:
      return all([&](auto& given) { return fits(given) != negated_; });
    case Of::any_value:
      return !all([&](auto& given) { return fits(given) == negated_; });
    // Several values without a set operator: AWS advises against it. An operator that negates holds
    // when none fits, so that it stays the opposite of the one it negates.
    case Of::one:
      return !all([&](auto& given) { return !fits(given); }) != negated_;
  }
  return false;
}

}  // namespace angophora::policy
