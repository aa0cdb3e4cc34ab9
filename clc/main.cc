// angophora-clc: the cloud controller.
#include <sys/stat.h>

#include <cstdlib>

#include "clc/daemon.h"
#include "common/log/log.h"
#include "common/runtime/real_runtime.h"

namespace {

using namespace angophora;

common::awaitable<void> start(clc::Daemon& daemon, common::RealRuntime& runtime, int& exit_code) {
  const auto started = co_await daemon.start();
  if (started) co_return;
  log::error("daemon.not_started", {{"reason", started.error()}});
  exit_code = EXIT_FAILURE;
  runtime.stop();
}

}  // namespace

int main(int argc, char** argv) {
  const auto config = config::load<clc::Config>("angophora-clc", argc, argv);
  auto level = log::Level::info;
  if (!log::parse_level(config.log_level, level)) {
    log::error("config.bad_log_level", {{"log_level", config.log_level}});
    return EXIT_FAILURE;
  }
  log::start("clc", level);
  umask(077);  // the database holds secrets
  common::RealRuntime runtime;
  clc::Daemon daemon(runtime, config);
  int exit_code = EXIT_SUCCESS;
  runtime.spawn("start", start(daemon, runtime, exit_code));
  runtime.run();
  return exit_code;
}
