#include <cstdio>

#include "clc/cli/api_client.h"
#include "clc/cli/cloud_status.h"
#include "clc/cli/commands.h"

namespace angophora::clc::cli {

using common::Error;

Task<> show_status(common::Runtime& runtime, StatusOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "DescribeServices";
  QueryParameters all = {{"ListAll", "true"}};
  CO_TRY(const auto services, co_await api->bootstrap(action, std::move(all)));
  action = "DescribeNodeControllers";
  CO_TRY(const auto nodes, co_await api->bootstrap(action, QueryParameters()));
  action = "DescribeCloud";
  CO_TRY(const auto cloud, co_await api->bootstrap(action, QueryParameters()));
  CO_TRY(const auto status, read_cloud_status(services, nodes, cloud));
  const auto text = options.json ? json_of(status) : text_of(status);
  std::fputs(text.c_str(), stdout);
  const auto count = problems_of(status).size();
  if (count == 0) co_return common::ok();
  co_return Error(CliErrc::not_well, std::to_string(count) + " thing(s) are not well");
}

}  // namespace angophora::clc::cli
