#include "walrus/documents/cors.h"

#include <algorithm>

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using common::Result;
using Holds = Shape::Holds;

constexpr std::size_t kCorsRulesMax = 100;
constexpr std::size_t kEntriesMax = 100;
constexpr Shape kCorsRule[] = {
    {"ID", 0, 1, Holds::text, {}, {}, 255},
    {"AllowedHeader", 0, kEntriesMax},
    {"AllowedMethod", 1, 5, Holds::choice, "GET|PUT|HEAD|POST|DELETE"},
    {"AllowedOrigin", 1, kEntriesMax},
    {"ExposeHeader", 0, kEntriesMax},
    {"MaxAgeSeconds", 0, 1, Holds::number},
};
constexpr Shape kCorsRules[] = {{"CORSRule", 1, kCorsRulesMax, Holds::elements, {}, kCorsRule}};

// `pattern` has at most one '*'.
bool fits(std::string_view pattern, std::string_view text) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const auto before = pattern.substr(0, star), behind = pattern.substr(star + 1);
  return text.size() >= before.size() + behind.size() && text.starts_with(before) &&
         text.ends_with(behind);
}

bool any_fits(const xml::Element& rule, std::string_view name, std::string_view text,
              bool fold_case = false) {
  const auto all = rule.children_named(name);
  return std::any_of(all.begin(), all.end(), [&](const xml::Element* element) {
    const auto pattern = common::trim(element->text);
    return fold_case ? fits(common::to_lower(pattern), text) : fits(pattern, text);
  });
}

std::string joined(const xml::Element& rule, std::string_view name) {
  std::string list;
  for (const auto* element : rule.children_named(name))
    list += (list.empty() ? "" : ", ") + std::string(common::trim(element->text));
  return list;
}

bool applies(const xml::Element& rule, const CorsRequest& request) {
  if (!any_fits(rule, "AllowedOrigin", request.origin)) return false;
  if (!any_fits(rule, "AllowedMethod", request.method)) return false;
  return std::all_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
    return any_fits(rule, "AllowedHeader", header, true);
  });
}

}  // namespace

const Shape kCorsShape{"CORSConfiguration", 1, 1, Holds::elements, {}, kCorsRules};

Result<> check_cors(const xml::Element& root) {
  for (const auto* rule : root.children_named("CORSRule"))
    for (const auto* name : {"AllowedOrigin", "AllowedHeader"})
      for (const auto* element : rule->children_named(name))
        if (std::count(element->text.begin(), element->text.end(), '*') > 1)
          return common::Error(S3Errc::invalid_request, std::string(name) + " \"" + element->text +
                                                            "\" can not have more than one "
                                                            "wildcard.");
  return common::ok();
}

std::optional<CorsAnswer> answer_cors(const xml::Element& root, const CorsRequest& request) {
  for (const auto* rule : root.children_named("CORSRule")) {
    if (!applies(*rule, request)) continue;
    CorsAnswer answer;
    const auto origins = rule->children_named("AllowedOrigin");
    answer.any_origin = std::any_of(origins.begin(), origins.end(), [](const xml::Element* o) {
      return common::trim(o->text) == "*";
    });
    answer.origin = answer.any_origin ? "*" : request.origin;
    answer.methods = joined(*rule, "AllowedMethod");
    answer.exposed = joined(*rule, "ExposeHeader");
    for (const auto& header : request.headers)
      answer.headers += (answer.headers.empty() ? "" : ", ") + header;
    answer.age_max_s = common::parse_number<int>(rule->text_of("MaxAgeSeconds"));
    return answer;
  }
  return std::nullopt;
}

}  // namespace angophora::walrus
