// The frame of a daemon that enrols with the cloud controller: administration listener, membership,
// the internal SOAP listener, readiness. What the daemon does stands in its own folder.
//
//   int main(int argc, char** argv) {
//     const auto config = config::load<cc::Config>("angophora-cc", argc, argv);
//     std::unique_ptr<cc::Daemon> daemon;
//     return component::run(options_of(config), [&](component::Component& c) {
//       return start(config, c, daemon);   // join, make the daemon, serve
//     });
//   }
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/admin/admin.h"
#include "common/http/server.h"
#include "common/registry/membership.h"
#include "common/runtime/runtime.h"
#include "common/soap/dispatcher.h"
#include "common/soap/soap_server.h"

namespace angophora::component {

using common::Result;
using common::Task;

struct Options {
  std::string daemon;  // in log lines: cc
  soap::Role role = soap::Role::cluster;
  std::string log_level = "info";
  std::string state_dir;
  std::string listen_address;
  std::uint16_t port = 0;
  std::string admin_address;
  std::uint16_t admin_port = 0;
  std::chrono::seconds clock_skew_max = std::chrono::seconds(60);  // of messages between daemons
};

// I/O thread only; outlives the runtime's coroutines.
class Component {
 public:
  Component(common::Runtime& runtime, Options options);

  // Opens the administration listener and returns once this component is enrolled, which may take
  // as long as its administrator takes. Errc::cancelled when told to stop before.
  Task<> join();
  // Answers the cloud's other daemons from now on. `dispatcher` outlives this.
  Result<> serve(soap::Dispatcher& dispatcher);
  // A further reason why not to be ready, asked twice a second; empty when there is none.
  void also_ready_when(std::function<std::string()> why_not) { why_not_ = std::move(why_not); }

  common::Runtime& runtime() { return runtime_; }
  registry::Membership& membership() { return membership_; }
  admin::Metrics& metrics() { return metrics_; }

 private:
  std::string why_not_ready() const;
  common::awaitable<void> tell_readiness();

  common::Runtime& runtime_;
  Options options_;
  admin::Metrics metrics_;
  registry::Membership membership_;
  std::unique_ptr<admin::Admin> admin_;
  std::unique_ptr<soap::SoapServer> soap_;
  std::unique_ptr<http::Server> internal_;
  std::function<std::string()> why_not_;
};

// Runs a daemon until SIGTERM; returns its exit code. `start` is called once, on the I/O thread;
// its failure ends the program, with the reason in the log.
int run(Options options, std::function<Task<>(Component&)> start);

}  // namespace angophora::component
