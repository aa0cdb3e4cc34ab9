// One line of a Condition block: an operator, a key, values. Compiled when the policy is parsed.
// Private to the folder.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/policy/json.h"
#include "common/policy/pattern.h"
#include "common/policy/values.h"

namespace angophora::policy {

// One value of a request. What it means as a number, a date … is found out once, however many
// statements ask; so it stays where it was made.
class RequestValue {
 public:
  explicit RequestValue(std::string text) : text_(std::move(text)) {}
  RequestValue(const RequestValue&) = delete;
  RequestValue& operator=(const RequestValue&) = delete;

  const std::string& text() const { return text_; }
  const std::optional<Decimal>& number() { return once(number_, Decimal::parse); }
  const std::optional<std::int64_t>& date() { return once(date_, parse_date); }
  const std::optional<bool>& boolean() { return once(boolean_, parse_bool); }
  const std::optional<Address>& address() { return once(address_, Address::parse); }
  const std::optional<ArnPattern::Parts>& arn() { return once(arn_, ArnPattern::split); }

 private:
  template <class T, class Parse>
  const T& once(std::optional<T>& kept, Parse parse) {
    if (!kept) kept.emplace(parse(text_));
    return *kept;
  }

  const std::string text_;
  std::optional<std::optional<Decimal>> number_;
  std::optional<std::optional<std::int64_t>> date_;
  std::optional<std::optional<bool>> boolean_;
  std::optional<std::optional<Address>> address_;
  std::optional<std::optional<ArnPattern::Parts>> arn_;
};

// What a request knows, and the variables made of it.
class Lookup : public Variables {
 public:
  // The values of `key` (lower case); empty when the request does not have it.
  virtual std::deque<RequestValue>& values(std::string_view key) = 0;
  const std::string* value(std::string_view key) final {
    const auto& found = values(key);
    return found.size() == 1 ? &found.front().text() : nullptr;
  }
};

class Condition {
 public:
  enum class Test {
    text,  // StringEquals and StringLike, with case and without
    number,
    date,
    boolean,
    binary,
    address,
    arn,
    null,
  };
  enum class Order { equal, less, less_or_equal, greater, greater_or_equal };
  enum class Of { one, all_values, any_value };  // nothing, ForAllValues:, ForAnyValue:

  // `op` is the operator as it was written, `values` what stands behind the key. `variables`: of
  // Version 2012-10-17. PolicyErrc::malformed.
  static common::Result<Condition> compile(std::string_view op, std::string_view key,
                                           const Json& values, bool variables);

  bool holds(Lookup& request) const;
  const std::string& op() const { return op_; }    // as it was written
  const std::string& key() const { return key_; }  // lower case

 private:
  using Value =
      std::variant<Pattern, Decimal, std::int64_t, std::string, Network, ArnPattern, bool>;
  common::Result<> read_operator(std::string_view op, bool& wildcards, bool& fold_case);
  common::Result<Value> compile_value(std::string_view text, Pattern::Rules rules) const;
  bool any_value_fits(RequestValue& given, Lookup& request) const;

  std::string op_, key_;
  Test test_ = Test::text;
  Order order_ = Order::equal;
  Of of_ = Of::one;
  bool negated_ = false;
  bool if_exists_ = false;
  std::vector<Value> values_;
};

}  // namespace angophora::policy
