#include "common/component/component.h"

#include <sys/stat.h>

#include <cstdlib>

#include "common/log/log.h"
#include "common/process/folder_lock.h"
#include "common/soap/soap_channel.h"

namespace angophora::component {
namespace {

registry::MembershipOptions membership_options(const Options& options) {
  registry::MembershipOptions membership;
  membership.state_dir = options.settings.state_dir;
  membership.role = options.role;
  membership.table.age_max = options.settings.registry_age_max;
  membership.freshness.clock_skew_max = options.settings.message_clock_skew_max;
  return membership;
}

}  // namespace

Options::Options(std::string daemon_name, soap::Role its_role,
                 const config::MemberSettings& its_settings)
    : daemon(std::move(daemon_name)),
      role(its_role),
      settings(its_settings),
      internal_address(settings.listen_address),
      internal_port(settings.port) {}

Component::Component(common::Runtime& runtime, Options options)
    : runtime_(runtime),
      options_(std::move(options)),
      membership_(runtime, membership_options(options_)) {}

// What serves goes first, then what it is made of, the last that came first.
Component::~Component() {
  internal_.reset();
  soap_.reset();
  while (!kept_.empty()) kept_.pop_back();
}

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

Task<> Component::start(std::function<Task<>(Component&)> start_daemon) {
  const auto& settings = options_.settings;
  CO_TRY(admin_,
         admin::Admin::listen(runtime_, settings.admin_address, settings.admin_port, metrics_));
  runtime_.spawn("readiness", tell_readiness());
  co_return co_await start_daemon(*this);
}

Task<> Component::join() { return membership_.join(); }

Result<> Component::serve(soap::Dispatcher& dispatcher, Front front) {
  soap_ = std::make_unique<soap::SoapServer>(runtime_, membership_.self(), membership_.table(),
                                             dispatcher, membership_.server_options());
  http::ServerOptions options;
  options.address = options_.internal_address;
  options.port = options_.internal_port;
  options.allow_plain = false;
  options.body_timeout = std::chrono::seconds(60);
  options.tls = soap::tls_identity_of(membership_.self());
  options.want_client_certificate = true;
  auto handler = [this, front = std::move(front)](http::Request& request) {
    return front ? front(*soap_, request) : soap_->handle(request);
  };
  TRY(internal_, http::Server::listen(runtime_, std::move(options), std::move(handler)));
  log::info("daemon.started", {{"name", membership_.name()},
                               {"zone", membership_.zone()},
                               {"port", internal_->port()},
                               {"admin_port", admin_->port()}});
  return common::ok();
}

int run(Options options, std::function<Task<>(Component&)> start) {
  if (!log::start(options.daemon, options.settings.log_level)) return EXIT_FAILURE;
  if (options.private_files) ::umask(077);
  if (const auto locked = process::lock_folder(options.settings.state_dir); !locked) {
    log::error("daemon.not_started", {{"reason", locked.error()}});
    return EXIT_FAILURE;
  }
  common::RealRuntimeOptions runtime_options;
  runtime_options.pool_threads = options.pool_threads;
  common::RealRuntime runtime(runtime_options);
  Component component(runtime, std::move(options));
  return common::run_daemon(runtime, [&component, &start] { return component.start(start); });
}

}  // namespace angophora::component
