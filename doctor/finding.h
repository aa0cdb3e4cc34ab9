// What the doctor found, for people and for programs.
#pragma once

#include <string>
#include <vector>

namespace angophora::doctor {

enum class Level { fine, warning, failure };
std::string_view to_string(Level level);

struct Finding {
  Level level = Level::fine;
  std::string check;    // clock, dns, ports, keys ...
  std::string object;   // what was looked at: a file, an address, a chain
  std::string message;  // what is the case
  std::string remedy;   // what to do; empty where nothing is to be done
};
using Findings = std::vector<Finding>;

inline Finding fine(std::string check, std::string object, std::string message) {
  return {Level::fine, std::move(check), std::move(object), std::move(message), {}};
}
inline Finding warning(std::string check, std::string object, std::string message,
                       std::string remedy) {
  return {Level::warning, std::move(check), std::move(object), std::move(message),
          std::move(remedy)};
}
inline Finding failure(std::string check, std::string object, std::string message,
                       std::string remedy) {
  return {Level::failure, std::move(check), std::move(object), std::move(message),
          std::move(remedy)};
}

std::size_t count(const Findings& findings, Level level);
// Without those that are fine unless `all`.
std::string text_of(const Findings& findings, bool all);
std::string json_of(const Findings& findings);

}  // namespace angophora::doctor
