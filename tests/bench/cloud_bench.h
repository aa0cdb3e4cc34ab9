// A real cloud controller with its database in a folder of its own on a real disk, reached without
// sockets. A bench derives from it and measures.
#pragma once

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "clc/daemon.h"
#include "clc/testing/action_fixture.h"
#include "common/runtime/real_runtime.h"
#include "common/soap/local_channel.h"

namespace angophora::bench {

class CloudBench {
 public:
  // `dir` is where the folder is made; it goes with this. `config` is the cloud controller's, but
  // for the folder.
  CloudBench(common::RealRuntime& runtime, const std::string& dir, clc::Config config)
      : runtime_(runtime), folder_(dir + "/angophora-bench-XXXXXX") {
    if (!mkdtemp(folder_.data())) throw std::runtime_error("no folder in " + dir);
    config.state_dir = folder_;
    config.host = "127.0.0.1";
    clc::Seams seams;
    seams.listen = false;
    seams.keys = clc::testing::test_keys();
    seams.make_channel = [this](registry::RegistryTable&) {
      return std::make_unique<soap::LocalChannel>(runtime_, network_, common::ServiceName("clc"),
                                                  soap::Role::cloud);
    };
    daemon_.emplace(runtime_, std::move(config), std::move(seams));
  }
  virtual ~CloudBench() {
    daemon_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  CloudBench(const CloudBench&) = delete;

  // Measures and ends the runtime.
  static common::awaitable<void> run(CloudBench& bench) {
    const auto done = co_await bench.measure();
    if (!done) std::printf("failed: %s\n", done.error().message.c_str());
    bench.failed_ = !done;
    bench.runtime_.stop();
  }
  bool failed() const { return failed_; }

 protected:
  virtual common::Task<> measure() = 0;

  common::RealRuntime& runtime_;
  std::string folder_;
  soap::LocalNetwork network_;
  std::optional<clc::Daemon> daemon_;

 private:
  bool failed_ = false;
};

}  // namespace angophora::bench
