// For tests: policies and questions in few words.
#pragma once

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/evaluate.h"

namespace angophora::policy::testing {

inline constexpr char kAccount[] = "123456789012";
inline constexpr char kOther[] = "999999999999";

inline NamedPolicy policy(std::string_view json, Grammar grammar = Grammar::identity,
                          std::string name = "p") {
  auto document = parse(json, {.grammar = grammar, .size_max = 20'000});
  if (!document) throw std::runtime_error(document.error().message);
  return {std::move(name), document.value()};
}

inline NamedPolicy allow(std::string_view action, std::string_view resource = "*") {
  return policy(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":")" +
                std::string(action) + R"(","Resource":")" + std::string(resource) + R"("}})");
}

inline Principal alice() { return Principal::user(kAccount, "alice", "AIDAALICE00000000000"); }
inline Principal ops_session() {
  return Principal::role_session(kAccount, "arn:aws:iam::123456789012:role/ops",
                                 "AROAOPS0000000000000", "night");
}

using Keys = std::vector<std::pair<std::string, std::vector<std::string>>>;
inline Facts facts(const Keys& keys) {
  Facts made;
  for (const auto& [key, values] : keys) made.set(key, values);
  return made;
}

// One line of a table: what somebody tries, and whether it is allowed.
struct Try {
  const char* action;
  const char* resource;
  Keys keys;
  bool allowed;
};

}  // namespace angophora::policy::testing
