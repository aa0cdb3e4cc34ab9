// angophora-clc: the cloud controller.
#include <sys/stat.h>

#include <cstdlib>

#include "clc/daemon.h"
#include "common/log/log.h"
#include "common/process/folder_lock.h"
#include "common/runtime/real_runtime.h"

int main(int argc, char** argv) {
  using namespace angophora;
  const auto config = config::load<clc::Config>("angophora-clc", argc, argv);
  if (!log::start("clc", config.log_level)) return EXIT_FAILURE;
  umask(077);  // the database holds secrets
  if (const auto locked = process::lock_folder(config.state_dir); !locked) {
    log::error("daemon.not_started", {{"reason", locked.error()}});
    return EXIT_FAILURE;
  }
  common::RealRuntime runtime;
  clc::Daemon daemon(runtime, config);
  return common::run_daemon(runtime, [&daemon] { return daemon.start(); });
}
