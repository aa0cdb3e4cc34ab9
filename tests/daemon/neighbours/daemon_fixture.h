// A test with one real daemon: a folder, a runtime for the neighbours, a cloud controller, and the
// daemon's program, which is started, killed and started again.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "common/runtime/real_runtime.h"
#include "tests/daemon/neighbours/fake_cloud.h"
#include "tests/daemon/neighbours/program.h"

namespace angophora::testing {

class DaemonFixture : public ::testing::Test {
 protected:
  DaemonFixture(std::string program, std::string name, soap::Role role)
      : program_(std::move(program)), name_(std::move(name)) {
    std::filesystem::create_directories(state_dir());
    std::ofstream(state_dir() + "/enrolment-token")
        << cloud_.register_service(name_, role, "zone-a");
  }

  std::string state_dir() const { return folder_.path() + "/" + name_; }

  // Starts the daemon and waits until it serves; false, with its log shown, when it does not.
  common::awaitable<bool> start_daemon() {
    std::vector<std::string> argv{program_,    "--state-dir", state_dir(), "--listen-address",
                                  "127.0.0.1", "--port",      "0",         "--admin-port",
                                  "0"};
    argv.insert(argv.end(), more_arguments_.begin(), more_arguments_.end());
    daemon_ = std::make_unique<Program>(std::move(argv), folder_.path() + "/daemon.log");
    const std::chrono::seconds limit(60);
    const auto port = co_await daemon_->logged(runtime_, "daemon.started", "port", limit);
    if (!port) {
      ADD_FAILURE() << "the daemon did not start:\n" << daemon_->log();
      co_return false;
    }
    cloud_.set_port(name_, static_cast<std::uint16_t>(std::stoi(*port)));
    co_return true;
  }

  template <class Op>
  Task<typename Op::Reply> ask(typename Op::Request request) {
    const ServiceName to(name_);
    const soap::CallOptions options(std::chrono::seconds(15), "req-ring");
    co_return co_await soap::call<Op>(cloud_.channel(), to, std::move(request), options);
  }

  // Runs the test's story to its end.
  void run(common::awaitable<void> story) {
    runtime_.spawn("story", end_with(std::move(story), runtime_));
    runtime_.run();
  }

  common::RealRuntime runtime_{{.handle_signals = false}};
  TemporaryFolder folder_;
  FakeCloud cloud_{runtime_, folder_.path() + "/clc"};
  std::unique_ptr<Program> daemon_;
  std::vector<std::string> more_arguments_;

 private:
  static common::awaitable<void> end_with(common::awaitable<void> story,
                                          common::RealRuntime& runtime) {
    co_await std::move(story);
    runtime.stop();
  }

  std::string program_, name_;
};

}  // namespace angophora::testing
