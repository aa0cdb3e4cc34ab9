// For tests: policies and questions made at random from a small world, small so that they meet.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "common/policy/document.h"
#include "common/policy/reference_evaluator.h"

namespace angophora::policy::reference {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed) {}
  Question question();
  std::string policy(Grammar grammar);

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }
  template <class List>
  std::string pick(const List& list) {
    return std::string(list[below(std::size(list))]);
  }
  // A JSON text or a list of up to three.
  template <class Make>
  std::string one_or_more(Make make);
  std::string statement(Grammar grammar);
  std::string principal_element();
  std::string condition();
  std::string condition_value(const std::string& op);
  std::string resource_pattern();
  std::string text_value();
  void add_keys(Keys& keys);
  Principal principal();

  std::mt19937_64 random_;
  bool variables_ = true;
};

}  // namespace angophora::policy::reference
