// The frame of a daemon that enrols with the cloud controller: administration listener, membership,
// the internal SOAP listener, readiness. What the daemon does stands in its own folder.
//
//   Task<> start(const Config& config, component::Component& component) {
//     CO_TRY_VOID(co_await component.join());
//     auto& daemon = component.keep(std::make_unique<Daemon>(component.membership().channel()));
//     co_return component.serve(daemon.dispatcher());
//   }
//
//   int main(int argc, char** argv) {
//     const auto config = config::load<cc::Config>("angophora-cc", argc, argv);
//     component::Options options("cc", soap::Role::cluster, config);
//     return component::run(options, [&](component::Component& c) { return start(config, c); });
//   }
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/admin/admin.h"
#include "common/config/daemon_settings.h"
#include "common/http/server.h"
#include "common/registry/membership.h"
#include "common/runtime/real_runtime.h"
#include "common/soap/dispatcher.h"
#include "common/soap/soap_server.h"

namespace angophora::component {

using common::Result;
using common::Task;

struct Options {
  Options(std::string daemon_name, soap::Role its_role, const config::MemberSettings& its_settings);

  std::string daemon;  // in log lines: cc
  soap::Role role;
  config::MemberSettings settings;
  // Where the other daemons reach this one; at first what `settings` say.
  std::string internal_address;
  std::uint16_t internal_port;
  std::size_t pool_threads = common::RealRuntimeOptions().pool_threads;
  bool private_files = true;  // what the daemon makes is for its own user alone
};

// I/O thread only; outlives the runtime's coroutines.
class Component {
 public:
  Component(common::Runtime& runtime, Options options);
  ~Component();

  // Returns once this component is enrolled, which may take as long as its administrator takes.
  // Errc::cancelled when told to stop before.
  Task<> join();
  // Answers the cloud's other daemons from now on. `dispatcher` outlives this. A `front` gets all
  // requests and hands on to the SoapServer what it does not answer itself.
  using Front = std::function<common::awaitable<http::Response>(soap::SoapServer&, http::Request&)>;
  Result<> serve(soap::Dispatcher& dispatcher, Front front = {});
  // A further reason why not to be ready, asked twice a second once this serves; empty when there
  // is none.
  void also_ready_when(std::function<std::string()> why_not) { why_not_ = std::move(why_not); }
  // Owns what the daemon is made of: destroyed when no coroutine is left, before the runtime.
  template <class T>
  T& keep(std::unique_ptr<T> part) {
    kept_.push_back(std::move(part));
    return *static_cast<T*>(kept_.back().get());
  }

  std::string why_not_ready() const;

  common::Runtime& runtime() { return runtime_; }
  registry::Membership& membership() { return membership_; }
  admin::Metrics& metrics() { return metrics_; }

 private:
  friend int run(Options options, std::function<Task<>(Component&)> start);
  Task<> start(std::function<Task<>(Component&)> start_daemon);
  common::awaitable<void> tell_readiness();

  common::Runtime& runtime_;
  Options options_;
  admin::Metrics metrics_;
  registry::Membership membership_;
  std::unique_ptr<admin::Admin> admin_;
  std::vector<std::shared_ptr<void>> kept_;
  std::unique_ptr<soap::SoapServer> soap_;
  std::unique_ptr<http::Server> internal_;
  std::function<std::string()> why_not_;
};

// Runs a daemon until it is told to stop; returns its exit code. `start` is called once, on the I/O
// thread, with the administration listener open; its failure ends the program, with the reason in
// the log.
int run(Options options, std::function<Task<>(Component&)> start);

}  // namespace angophora::component
