#include <cstdio>

#include "clc/cli/api_client.h"
#include "clc/cli/commands.h"

namespace angophora::clc::cli {

Task<> rotate_master_key(common::Runtime& runtime) {
  CO_TRY(const auto api, client_from_environment(runtime));
  std::string action = "RotateMasterKey";
  CO_TRY(const auto answer, co_await api->bootstrap(action, {}));
  std::printf(
      "the secrets of %s access keys are sealed with the master key %s\n"
      "make a backup: older ones hold the older key and database\n",
      answer.text_of("resealed").c_str(), answer.text_of("masterKeyId").c_str());
  if (const auto unreadable = answer.text_of("unreadable"); unreadable != "0")
    std::printf(
        "%s secrets cannot be opened by any master key: the log of the cloud "
        "controller names them at its next start\n",
        unreadable.c_str());
  co_return common::ok();
}

}  // namespace angophora::clc::cli
