#include <fmt/format.h>

#include <cstdio>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> instances_of(const xml::Element& node) {
  std::vector<std::string> ids;
  if (const auto* list = node.child("instances"))
    for (const auto* item : list->children_named("item"))
      ids.push_back(item->text_of("instanceId"));
  return ids;
}

// The one node of that name, as the cloud describes it.
Task<xml::Element> describe_node(ApiClient& api, std::string name) {
  std::string action = "DescribeNodeControllers";
  QueryParameters parameters = {{"ServiceName.1", name}};
  CO_TRY(const auto answer, co_await api.bootstrap(action, std::move(parameters)));
  const auto* node = answer.find("nodeControllers/item");
  if (!node) co_return Error(Errc::corrupt, "DescribeNodeControllers told nothing of " + name);
  co_return *node;
}

Task<> set_state(ApiClient& api, const std::string& name, std::string state) {
  CO_TRY_VOID(co_await describe_node(api, name));  // other components have other commands
  std::string action = "ModifyService";
  QueryParameters parameters = {{"Name", name}, {"State", std::move(state)}};
  CO_TRY_VOID(co_await api.bootstrap(action, std::move(parameters)));
  co_return common::ok();
}

}  // namespace

Task<> list_nodes(common::Runtime& runtime, NodeOptions) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "DescribeNodeControllers";
  CO_TRY(const auto answer, co_await api->bootstrap(action, QueryParameters()));
  std::printf("%-12s %-16s %-16s %-9s %-9s REASON\n", "ZONE", "NAME", "HOST", "STATE", "INSTANCES");
  if (const auto* list = answer.child("nodeControllers"))
    for (const auto* node : list->children_named("item"))
      std::printf("%-12s %-16s %-16s %-9s %-9zu %s\n", node->text_of("zone").c_str(),
                  node->text_of("name").c_str(), node->text_of("host").c_str(),
                  node->text_of("localState").c_str(), instances_of(*node).size(),
                  node->text_of("details").c_str());
  co_return common::ok();
}

Task<> drain_node(common::Runtime& runtime, NodeOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string state = "STOPPED";
  CO_TRY_VOID(co_await set_state(*api, options.name, std::move(state)));
  const auto give_up = runtime.steady_now() + options.wait;
  for (std::size_t told = SIZE_MAX;;) {
    CO_TRY(const auto node, co_await describe_node(*api, options.name));
    const auto left = instances_of(node);
    if (left.empty()) {
      std::printf("%s takes no new instances and has none\n", options.name.c_str());
      co_return common::ok();
    }
    if (left.size() != told) {
      std::printf("%s takes no new instances; it still has %zu:", options.name.c_str(),
                  left.size());
      for (const auto& id : left) std::printf(" %s", id.c_str());
      std::printf("\n");
      std::fflush(stdout);
      told = left.size();
    }
    if (options.wait == 0s) co_return common::ok();
    if (runtime.steady_now() >= give_up)
      co_return Error(Errc::timed_out,
                      fmt::format("{} still has {} instance(s)", options.name, left.size()));
    co_await runtime.sleep_for(1s);
  }
}

Task<> resume_node(common::Runtime& runtime, NodeOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string state = "ENABLED";
  co_return co_await set_state(*api, options.name, std::move(state));
}

Task<> list_events(common::Runtime& runtime, EventOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "DescribeEvents";
  QueryParameters parameters;
  if (options.count) parameters.emplace_back("MaxResults", std::to_string(options.count));
  if (!options.service.empty()) parameters.emplace_back("ServiceName.1", options.service);
  CO_TRY(const auto answer, co_await api->bootstrap(action, std::move(parameters)));
  if (const auto* list = answer.child("events"))
    for (const auto* event : list->children_named("item"))
      std::printf("%-24s %-16s %-12s %s\n", event->text_of("timestamp").c_str(),
                  event->text_of("serviceName").c_str(), event->text_of("type").c_str(),
                  event->text_of("message").c_str());
  co_return common::ok();
}

}  // namespace angophora::clc::cli
