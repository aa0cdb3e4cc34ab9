#include "common/component/component.h"

#include <sys/stat.h>

#include <cstdlib>

#include "common/log/log.h"
#include "common/runtime/real_runtime.h"
#include "common/soap/soap_channel.h"

namespace angophora::component {
namespace {

registry::MembershipOptions membership_options(const Options& options) {
  registry::MembershipOptions membership;
  membership.state_dir = options.state_dir;
  membership.role = options.role;
  membership.freshness.clock_skew_max = options.clock_skew_max;
  return membership;
}

}  // namespace

Component::Component(common::Runtime& runtime, Options options)
    : runtime_(runtime),
      options_(std::move(options)),
      membership_(runtime, membership_options(options_)) {}

std::string Component::why_not_ready() const {
  auto reason = membership_.why_not_ready();
  if (reason.empty() && !internal_) reason = "starting";
  if (reason.empty() && why_not_) reason = why_not_();
  return reason;
}

common::awaitable<void> Component::tell_readiness() {
  while (!runtime_.stopping()) {
    const auto reason = why_not_ready();
    admin_->set_ready(reason.empty(), reason);
    co_await runtime_.sleep_for(std::chrono::milliseconds(500));
  }
}

Task<> Component::join() {
  CO_TRY(admin_,
         admin::Admin::listen(runtime_, options_.admin_address, options_.admin_port, metrics_));
  runtime_.spawn("readiness", tell_readiness());
  CO_TRY_VOID(co_await membership_.join());
  co_return common::ok();
}

Result<> Component::serve(soap::Dispatcher& dispatcher) {
  soap_ = std::make_unique<soap::SoapServer>(runtime_, membership_.self(), membership_.table(),
                                             dispatcher, membership_.server_options());
  http::ServerOptions options;
  options.address = options_.listen_address;
  options.port = options_.port;
  options.allow_plain = false;
  options.tls = soap::tls_identity_of(membership_.self());
  options.want_client_certificate = true;
  TRY(internal_, http::Server::listen(runtime_, std::move(options), [this](http::Request& request) {
        return soap_->handle(request);
      }));
  log::info("daemon.started", {{"name", membership_.name()},
                               {"zone", membership_.zone()},
                               {"port", internal_->port()},
                               {"admin_port", admin_->port()}});
  return common::ok();
}

namespace {

common::awaitable<void> run_start(Component& component, common::RealRuntime& runtime,
                                  std::function<Task<>(Component&)> start, bool& failed) {
  const auto started = co_await start(component);
  if (started || started.assume_error().code == common::Errc::cancelled) co_return;
  log::error("daemon.not_started", {{"reason", started.assume_error()}});
  failed = true;
  runtime.stop();
}

}  // namespace

int run(Options options, std::function<Task<>(Component&)> start) {
  auto level = log::Level::info;
  const bool known = log::parse_level(options.log_level, level);
  log::start(options.daemon, level);
  if (!known) {
    log::error("config.bad_log_level", {{"log_level", options.log_level}});
    return EXIT_FAILURE;
  }
  ::umask(077);  // keys, volumes and guests' data are nobody else's
  common::RealRuntime runtime;
  Component component(runtime, std::move(options));
  bool failed = false;
  runtime.spawn("start", run_start(component, runtime, std::move(start), failed));
  runtime.run();
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace angophora::component
