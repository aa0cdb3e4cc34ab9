#include <cstdio>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"

namespace angophora::clc::cli {

namespace {

Task<> modify(common::Runtime& runtime, QueryParameters parameters) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "ModifyPropertyValue";
  CO_TRY(const auto answer, co_await api->properties(action, std::move(parameters)));
  std::printf("%s = %s (was %s)\n", answer.text_of("name").c_str(), answer.text_of("value").c_str(),
              answer.text_of("oldValue").c_str());
  co_return common::ok();
}

}  // namespace

Task<> list_properties(common::Runtime& runtime, PropertyOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "DescribeProperties";
  CO_TRY(const auto answer, co_await api->properties(action, {}));
  if (const auto* list = answer.child("properties"))
    for (const auto* item : list->children_named("item")) {
      const auto name = item->text_of("name");
      if (!name.starts_with(options.name)) continue;
      std::printf("%s = %s\n    %s (default: %s)\n", name.c_str(), item->text_of("value").c_str(),
                  item->text_of("description").c_str(), item->text_of("defaultValue").c_str());
    }
  co_return common::ok();
}

Task<> set_property(common::Runtime& runtime, PropertyOptions options) {
  QueryParameters parameters = {{"Name", options.name}, {"Value", options.value}};
  co_return co_await modify(runtime, std::move(parameters));
}

Task<> reset_property(common::Runtime& runtime, PropertyOptions options) {
  QueryParameters parameters = {{"Name", options.name}, {"Reset", "true"}};
  co_return co_await modify(runtime, std::move(parameters));
}

}  // namespace angophora::clc::cli
