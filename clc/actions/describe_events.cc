// DescribeEvents (bootstrap): what happened to the components of the cloud, the newest first.
#include <algorithm>

#include "clc/actions/bootstrap.h"
#include "clc/store/events.h"

namespace angophora::clc::actions::describe_events {
namespace {

struct Request {
  std::string format;
  bool show_stacks = false;  // there are none
  std::vector<std::string> names;
  std::optional<std::int64_t> count_max;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::format>("Format"),
    optional<&Request::show_stacks>("ShowStackTraces"),
    optional<&Request::names>("ServiceName"),
    optional<&Request::count_max>("MaxResults"),
};

constexpr std::int64_t kCountMax = 1000, kCount = 100;

Result<> check(const Request& request) {
  const auto count = request.count_max.value_or(kCount);
  if (count < 1 || count > kCountMax)
    return invalid_value("MaxResults", std::to_string(count), "between 1 and 1000");
  // euca2ools asks for its own way to print; the answer is the same.
  const auto format = common::to_lower(request.format);
  if (!format.empty() && format != "raw" && format != "json" && format != "yaml" &&
      format != "oneline")
    return invalid_value("Format", request.format, "raw, oneline, json or yaml");
  return common::ok();
}

Result<std::vector<PastEvent>> load(Tx& tx, const Request& request) {
  const auto count = static_cast<std::size_t>(request.count_max.value_or(kCount));
  if (request.names.empty()) return Events(tx).latest(kServiceEvents, count);
  std::vector<PastEvent> found;
  for (const auto& name : request.names) {
    const auto whole = std::string(kServiceEvents) + name;
    TRY(auto of_one, Events(tx).latest(whole, kCountMax));
    // A name may be the beginning of another.
    for (auto& past : of_one)
      if (past.event.resource_id == whole) found.push_back(std::move(past));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const PastEvent& a, const PastEvent& b) { return a.at > b.at; });
  if (found.size() > count) found.resize(count);
  return found;
}

void add_event(const PastEvent& past, Element& item) {
  const auto& event = past.event;
  const auto name = event.resource_id.substr(kServiceEvents.size());
  const auto kind = event.kind.substr(event.kind.find('.') + 1);
  item.add("timestamp", past.at).add("serviceName", name).add("type", kind);
  item.add("severity", kind == "notready" ? "WARNING" : "INFO");
  item.add("message", event.detail);
}

Task<Reply> handle(Services& s, Caller, Request request) {
  CO_TRY_VOID(check(request));
  const auto find = [request](Tx& tx) { return load(tx, request); };
  CO_TRY(const auto found, co_await s.db.read(find));
  Reply reply;
  reply.list("events", found, add_event);
  co_return reply;
}

}  // namespace

extern const Action DescribeEvents{
    .name = "DescribeEvents",
    .permission = "bootstrap:DescribeEvents",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_events
