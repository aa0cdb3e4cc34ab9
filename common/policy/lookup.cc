#include "common/policy/lookup.h"

#include <chrono>

#include "common/base/text.h"

namespace angophora::policy {

RequestLookup::RequestLookup(const Principal& principal, const Policies& policies,
                             const Request& request)
    : principal_(principal),
      request_(request),
      action_(common::to_lower(request.action)),
      subject_{principal, policies.boundary.has_value(), action_,
               ArnPattern::split(request.resource)} {}

std::deque<RequestValue>& RequestLookup::values(std::string_view key) {
  for (const auto& known : known_)
    if (known->key == key) return known->values;
  auto& added = *known_.emplace_back(std::make_unique<Known>());
  added.key = key;
  std::vector<std::string> texts;
  find(key, texts);
  for (auto& text : texts) added.values.emplace_back(std::move(text));
  return added.values;
}

void RequestLookup::find(std::string_view key, std::vector<std::string>& values) const {
  if (principal_.find(key, request_.now, values)) return;
  if (request_.now && key == "aws:currenttime") {
    values.push_back(common::format_iso8601(*request_.now));
  } else if (request_.now && key == "aws:epochtime") {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*request_.now);
    values.push_back(std::to_string(seconds.time_since_epoch().count()));
  } else if (key == "aws:resourceaccount" && !request_.resource_account.empty()) {
    values.push_back(request_.resource_account);
  } else if (request_.context) {
    request_.context->find(key, values);
  }
}

}  // namespace angophora::policy
