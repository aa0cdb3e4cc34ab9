#include <fmt/format.h>

#include <cstdio>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"
#include "clc/cli/files.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;

namespace {

std::string reason_of(const xml::Element& status) {
  std::string reason;
  if (const auto* details = status.child("statusDetails"))
    for (const auto* item : details->children_named("item")) {
      if (!reason.empty()) reason += "; ";
      const auto text = item->text_of("message");
      reason += text.empty() ? item->text : text;
    }
  return reason;
}

void print_service(const xml::Element& status) {
  const auto* id = status.child("serviceId");
  if (!id) return;
  std::string address;
  if (const auto* uri = id->find("uris/item")) address = uri->text;
  if (address.empty()) address = id->text_of("uri");
  std::printf("%-10s %-12s %-16s %-9s %s  %s\n", id->text_of("type").c_str(),
              id->text_of("partition").c_str(), id->text_of("name").c_str(),
              status.text_of("localState").c_str(), address.c_str(), reason_of(status).c_str());
}

}  // namespace

Task<> list_services(common::Runtime& runtime, ServiceOptions) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "DescribeServices";
  QueryParameters parameters = {{"ListAll", "true"}};
  CO_TRY(const auto answer, co_await api->bootstrap(action, std::move(parameters)));
  std::printf("%-10s %-12s %-16s %-9s ADDRESS  REASON\n", "TYPE", "ZONE", "NAME", "STATE");
  if (const auto* list = answer.child("serviceStatuses"))
    for (const auto* item : list->children_named("item")) print_service(*item);
  co_return common::ok();
}

Task<> register_service(common::Runtime& runtime, ServiceOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "RegisterService";
  QueryParameters parameters = {
      {"Name", options.name}, {"Type", options.type}, {"Host", options.host}};
  if (options.port) parameters.emplace_back("Port", std::to_string(options.port));
  if (!options.zone.empty()) parameters.emplace_back("Partition", options.zone);
  CO_TRY(const auto answer, co_await api->bootstrap(action, std::move(parameters)));
  const auto token = answer.text_of("enrolmentToken");
  if (token.empty())
    co_return Error(Errc::corrupt, "RegisterService answered without an enrolmentToken");
  if (const auto* messages = answer.child("statusMessages"))
    for (const auto* item : messages->children_named("item"))
      std::fprintf(stderr, "%s\n", item->text_of("message").c_str());
  if (options.token_file.empty()) {
    std::printf("%s\n", token.c_str());
    co_return common::ok();
  }
  co_return write_file(options.token_file, token + "\n", 0600);
}

Task<> deregister_service(common::Runtime& runtime, ServiceOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "DeregisterService";
  QueryParameters parameters = {{"Name", options.name}};
  if (options.force) parameters.emplace_back("Force", "true");
  CO_TRY_VOID(co_await api->bootstrap(action, std::move(parameters)));
  co_return common::ok();
}

Task<> modify_service(common::Runtime& runtime, ServiceOptions options) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "ModifyService";
  QueryParameters parameters = {{"Name", options.name}, {"State", options.state}};
  CO_TRY_VOID(co_await api->bootstrap(action, std::move(parameters)));
  co_return common::ok();
}

}  // namespace angophora::clc::cli
