// The object store's daemon: reads the settings, joins the cloud, serves S3 and the other daemons.
#include "common/admin/admin.h"
#include "common/log/log.h"
#include "common/registry/membership.h"
#include "common/runtime/real_runtime.h"
#include "common/soap/soap_channel.h"
#include "common/soap/soap_server.h"
#include "walrus/clients/identity_follower.h"
#include "walrus/operations/operations.h"
#include "walrus/walrus.h"

namespace angophora::walrus {
namespace {

// Everything of the daemon, in the order in which it comes to be.
struct Daemon {
  explicit Daemon(Config c, common::RealRuntimeOptions options)
      : config(std::move(c)), runtime(options), membership(runtime, membership_options(config)) {}

  static registry::MembershipOptions membership_options(const Config& config) {
    registry::MembershipOptions options;
    options.state_dir = config.state_dir;
    options.role = soap::Role::walrus;
    options.freshness.clock_skew_max = config.message_clock_skew_max;
    return options;
  }

  std::string why_not_ready() const {
    auto reason = membership.why_not_ready();
    if (!reason.empty()) return reason;
    if (!walrus) return "starting";
    if (!walrus->identities().usable())
      return "the cloud's identities are not known: the cloud controller cannot be reached";
    return {};
  }

  Config config;
  common::RealRuntime runtime;
  admin::Metrics metrics;
  registry::Membership membership;
  std::unique_ptr<admin::Admin> admin;
  std::unique_ptr<Walrus> walrus;
  std::unique_ptr<OperationServices> operation_services;
  soap::Dispatcher dispatcher;
  std::unique_ptr<soap::SoapServer> soap;
  std::unique_ptr<http::Server> internal;
  bool failed = false;
};

common::awaitable<void> tell_readiness(Daemon& d) {
  while (!d.runtime.stopping()) {
    const auto reason = d.why_not_ready();
    d.admin->set_ready(reason.empty(), reason);
    co_await d.runtime.sleep_for(std::chrono::milliseconds(500));
  }
}

boost::asio::awaitable<http::Response> handle_internal(Daemon& d, http::Request& request) {
  if (!is_image_part_path(request.path())) co_return co_await d.soap->handle(request);
  const auto peers = d.membership.table().peers();
  co_return co_await serve_image_part(d.walrus->services(), *peers, request);
}

Result<> serve_neighbours(Daemon& d) {
  const auto version = std::string(ANGOPHORA_VERSION);
  d.operation_services.reset(new OperationServices{
      d.walrus->services(), {d.membership.name(), [&d] { return d.why_not_ready(); }, version}});
  serve_operations(d.dispatcher, *d.operation_services);
  d.soap = std::make_unique<soap::SoapServer>(d.runtime, d.membership.self(), d.membership.table(),
                                              d.dispatcher, d.membership.server_options());
  http::ServerOptions options;
  options.address = d.config.internal_address;
  options.port = d.config.internal_port;
  options.allow_plain = false;
  options.tls = soap::tls_identity_of(d.membership.self());
  options.want_client_certificate = true;
  TRY(d.internal, http::Server::listen(d.runtime, std::move(options), [&d](http::Request& request) {
        return handle_internal(d, request);
      }));
  return common::ok();
}

Task<> start(Daemon& d) {
  CO_TRY(d.admin,
         admin::Admin::listen(d.runtime, d.config.admin_address, d.config.admin_port, d.metrics));
  d.runtime.spawn("readiness", tell_readiness(d));
  CO_TRY_VOID(co_await d.membership.join());
  Unseal unseal = [key = d.membership.identity().encryption_key](const std::string& sealed) {
    return key.decrypt_oaep(sealed);
  };
  CO_TRY(d.walrus, co_await Walrus::open(d.runtime, d.config, std::move(unseal), d.metrics));
  CO_TRY_VOID(serve_neighbours(d));
  CO_TRY_VOID(d.walrus->serve_s3(d.config, soap::tls_identity_of(d.membership.self())));
  d.runtime.spawn("follow identities",
                  follow_identities(d.runtime, d.membership.channel(), d.membership.cloud_name(),
                                    d.walrus->identities(), d.walrus->services().db));
  log::info("daemon.started", {{"port", d.internal->port()},
                               {"s3_port", d.walrus->s3_port()},
                               {"admin_port", d.admin->port()}});
  co_return common::ok();
}

common::awaitable<void> run(Daemon& d) {
  const auto started = co_await start(d);
  if (started || started.error().code == common::Errc::cancelled) co_return;
  log::error("daemon.not_started", {{"reason", started.error()}});
  d.failed = true;
  d.runtime.stop();
}

}  // namespace
}  // namespace angophora::walrus

int main(int argc, char** argv) {
  using namespace angophora;
  auto config = config::load<walrus::Config>("angophora-walrus", argc, argv);
  auto level = log::Level::info;
  if (!log::parse_level(config.log_level, level)) return 2;
  log::start("walrus", level);
  common::RealRuntimeOptions options;
  options.pool_threads = config.worker_threads;
  walrus::Daemon daemon(std::move(config), options);
  daemon.runtime.spawn("start", walrus::run(daemon));
  daemon.runtime.run();
  return daemon.failed ? 1 : 0;
}
