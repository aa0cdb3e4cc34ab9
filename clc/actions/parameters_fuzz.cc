// What strangers may put into a query request, from the encoded text to a bound request.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "clc/actions/action_table.h"
#include "clc/actions/rule_parameters.h"
#include "common/http/http.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace angophora::clc;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto pairs = angophora::http::parse_query(text, true, 1000);
  if (!pairs) return 0;
  auto parameters = Parameters::parse(std::move(*pairs));
  if (!parameters) return 0;
  static constexpr Param<actions::RuleRequest> kParams[] = {
      optional<&actions::RuleRequest::group_id>("GroupId"),
      optional<&actions::RuleRequest::permissions>("IpPermissions"),
      optional<&actions::RuleRequest::from_port>("FromPort"),
      optional<&actions::RuleRequest::rule_ids>("SecurityGroupRuleId"),
  };
  actions::RuleRequest request;
  const auto bound =
      bind(parameters.value(), std::span<const Param<actions::RuleRequest>>(kParams), request);
  if (!bound) {
    if (bound.error().message.empty()) std::abort();
    return 0;
  }
  const auto rules = actions::wanted_rules(request, size % 2 == 0 ? "2016-11-15" : "2012-07-20");
  if (!rules) return 0;
  for (const auto& rule : rules.value())
    if (rule.key.cidr.empty() && rule.key.source_group.empty() && rule.source_group_name.empty())
      std::abort();
  return 0;
}
