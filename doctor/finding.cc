#include "doctor/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace angophora::doctor {

std::string_view to_string(Level level) {
  switch (level) {
    case Level::fine:
      return "ok";
    case Level::warning:
      return "warning";
    case Level::failure:
      return "FAILURE";
  }
  return "FAILURE";
}

std::size_t count(const Findings& findings, Level level) {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(), [&](const Finding& f) { return f.level == level; }));
}

std::string text_of(const Findings& findings, bool all) {
  std::string text;
  for (const auto& f : findings) {
    if (f.level == Level::fine && !all) continue;
    text += fmt::format("{:<7} {:<14} {}: {}\n", to_string(f.level), f.check, f.object, f.message);
    if (!f.remedy.empty()) text += fmt::format("{:<22} -> {}\n", "", f.remedy);
  }
  text += fmt::format("{} checks: {} ok, {} warnings, {} failures\n", findings.size(),
                      count(findings, Level::fine), count(findings, Level::warning),
                      count(findings, Level::failure));
  return text;
}

std::string json_of(const Findings& findings) {
  boost::json::array list;
  for (const auto& f : findings)
    list.push_back(boost::json::object{
        {"level", f.level == Level::failure ? "failure" : std::string(to_string(f.level))},
        {"check", f.check},
        {"object", f.object},
        {"message", f.message},
        {"remedy", f.remedy}});
  return boost::json::serialize(boost::json::object{{"well", count(findings, Level::failure) == 0},
                                                    {"findings", std::move(list)}}) +
         "\n";
}

}  // namespace angophora::doctor
