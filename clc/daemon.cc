#include "clc/daemon.h"

#include <filesystem>

#include "clc/actions/bootstrap.h"
#include "clc/first_start.h"
#include "clc/key_files.h"
#include "clc/reconcilers/instance_figures.h"
#include "clc/reconcilers/instance_part.h"
#include "clc/restoration.h"
#include "clc/store/counters.h"
#include "clc/store/migrations.h"
#include "clc/store/sealing.h"
#include "common/db/copy.h"
#include "common/log/log.h"
#include "common/registry/door.h"

namespace angophora::clc {

// In the order of their making; destroyed the other way round.
struct Daemon::Parts {
  explicit Parts(const Config& config, common::Runtime& runtime)
      : states({config.service_silence_max, config.clock_skew_max}), table(runtime) {}

  admin::Metrics metrics;
  std::unique_ptr<admin::Admin> admin;
  std::optional<CloudKeys> keys;
  std::unique_ptr<db::Database> database;
  Properties properties;
  ServiceStates states;
  Changes changes;
  std::optional<PageSealer> pages;
  registry::RegistryTable table;
  std::unique_ptr<soap::Channel> channel;
  std::optional<Services> services;
  std::optional<RegistryIssuer> issuer;
  std::optional<ServicePoller> poller;
  std::unique_ptr<InstancePart> instances;
  std::optional<operations::Context> context;
  soap::Dispatcher dispatcher;
  std::unique_ptr<soap::SoapServer> soap;
  std::unique_ptr<audit::Log> audit;
  std::optional<FrontDoor> door;
  std::unique_ptr<http::Server> public_server;
  std::unique_ptr<http::Server> internal_server;

  soap::Self self() const {
    return {actions::cloud_name(), keys->signing.key, keys->signing.certificate};
  }
};

namespace {

bool is_any_address(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

soap::Freshness freshness_of(const Config& config) {
  soap::Freshness freshness;
  freshness.clock_skew_max = config.message_clock_skew_max;
  return freshness;
}

// Under which name other machines find this one, as far as the settings tell.
std::string own_host(const Config& config) {
  if (!config.host.empty()) return config.host;
  if (!is_any_address(config.internal_address)) return config.internal_address;
  if (!is_any_address(config.listen_address)) return config.listen_address;
  return "127.0.0.1";
}

// A second cloud with the keys of the first would be taken for it, and give its addresses to
// others.
Result<> check_state(const Config& config, const std::string& database) {
  const auto credentials = config.state_dir + "/administrator.json";
  if (std::filesystem::exists(database) || !std::filesystem::exists(credentials))
    return common::ok();
  return Error(common::Errc::corrupt, "the cloud's database " + database +
                                          " is missing, and there is " + credentials +
                                          ": bring the database back, or move " + config.state_dir +
                                          " away to begin a new cloud");
}

// Users' keys, and enrolment tokens. For each kind that is sealed since some version the database
// is written anew once, so that no page of it has the plain text of before.
constexpr std::int64_t kSealedKinds = 2;

// What an earlier version kept in plain text, and what a rotation that was cut short has left.
Task<> seal_secrets(common::Runtime& runtime, db::Database& database,
                    std::shared_ptr<crypto::KeyRing> masters) {
  auto resealed = co_await reseal_secrets(runtime, database, masters);
  if (!resealed)
    co_return std::move(resealed).error().while_doing("sealing the secrets of the database");
  const auto& done = resealed.value();
  if (done.rows > 0)
    log::info("secrets.sealed", {{"rows", done.rows}, {"were_plain", done.were_plain}});
  if (done.unreadable.empty()) co_return common::ok();
  for (const auto& what : done.unreadable)
    log::error("secrets.unreadable",
               {{"what", what},
                {"remedy",
                 "the master key that sealed it is not in keys/masters: bring it back "
                 "from a backup, or make the user another access key, the component "
                 "another registration"}});
  const auto look = [masters](Tx& tx) { return opens_any(tx, *masters); };
  CO_TRY(const bool some_open, co_await database.read(look));
  if (some_open) co_return common::ok();
  co_return Error(common::Errc::corrupt,
                  "keys/masters opens none of the " + std::to_string(done.unreadable.size()) +
                      " secrets of the database: it is of another cloud or of another time; bring "
                      "back the one of this database");
}

// A full disk ends by itself when somebody makes room, so it is tried again and again.
common::awaitable<void> tell_readiness(common::Runtime& runtime, db::Database& database,
                                       admin::Admin& admin) {
  while (!runtime.stopping()) {
    if (!database.why_not_writable().empty()) (void)co_await database.try_to_write();
    const auto reason = database.why_not_writable();
    admin.set_ready(reason.empty(), reason);
    co_await runtime.sleep_for(std::chrono::milliseconds(500));
  }
}

}  // namespace

Daemon::Daemon(common::Runtime& runtime, Config config, Seams seams)
    : runtime_(runtime),
      config_(std::move(config)),
      seams_(std::move(seams)),
      parts_(std::make_unique<Parts>(config_, runtime)) {}

Daemon::~Daemon() = default;

Task<> Daemon::open_state() {
  auto& p = *parts_;
  if (seams_.keys) {
    p.keys = seams_.keys;
  } else {
    auto load = [this] { return load_or_make_keys(config_.state_dir, runtime_); };
    CO_TRY(p.keys, co_await runtime_.run_blocking(std::move(load)));
  }
  db::Options options;
  options.path = config_.state_dir + "/clc.sqlite";
  auto check = [this, path = options.path] { return check_state(config_, path); };
  if (seams_.database) {
    options = *seams_.database;
  } else {
    CO_TRY_VOID(co_await runtime_.run_blocking(std::move(check)));
  }
  CO_TRY_VOID(open_database(options));
  CO_TRY_VOID(co_await seal_secrets(runtime_, *p.database, p.keys->masters));
  const auto look = [](Tx& tx) { return Counters(tx).value(kSecretsSealed); };
  CO_TRY(const auto is_done, co_await p.database->read(look));
  if (is_done >= kSealedKinds) co_return common::ok();
  if (options.path != ":memory:") {
    p.database.reset();
    auto scrub = [path = options.path] { return db::scrub_database(path); };
    CO_TRY_VOID(co_await runtime_.run_blocking(std::move(scrub)));
    CO_TRY_VOID(open_database(options));
  }
  const auto note = [is_done](Tx& tx) -> Result<> {
    for (auto kinds = is_done; kinds < kSealedKinds; ++kinds)
      TRY_VOID(Counters(tx).raise(kSecretsSealed));
    return common::ok();
  };
  CO_TRY_VOID(co_await p.database->write(note));
  co_return common::ok();
}

Result<> Daemon::open_database(const db::Options& options) {
  auto opened = db::Database::open(runtime_, options, kMigrations);
  if (!opened) return std::move(opened).error().while_doing("opening " + options.path);
  parts_->database = std::move(opened).value();
  return common::ok();
}

Result<> Daemon::build_parts() {
  auto& p = *parts_;
  p.pages.emplace(p.keys->secret);
  if (seams_.make_channel)
    p.channel = seams_.make_channel(p.table);
  else
    p.channel = std::make_unique<soap::SoapChannel>(
        runtime_, p.self(), p.table, soap::SoapChannelOptions{freshness_of(config_), {}});
  const OwnAddress own{own_host(config_), config_.internal_port};
  p.services.emplace(Services{runtime_, *p.database, config_, *p.keys, p.properties, p.states,
                              *p.pages, p.changes, own, p.channel.get()});
  p.issuer.emplace(*p.services, p.table);
  p.poller.emplace(*p.services);
  p.context.emplace(operations::Context{*p.services, *p.issuer, p.table});
  operations::serve_all(p.dispatcher, *p.context);
  p.soap = std::make_unique<soap::SoapServer>(runtime_, p.self(), p.table, p.dispatcher,
                                              soap::SoapServerOptions{freshness_of(config_)});
  FrontDoorOptions door;
  door.s3_port = config_.s3_port;
  door.audit = p.audit.get();
  p.door.emplace(*p.services, p.metrics, door);
  TRY(p.instances, InstancePart::make(*p.services));
  return common::ok();
}

Result<> Daemon::listen() {
  auto& p = *parts_;
  http::ServerOptions outside;
  outside.address = config_.listen_address;
  outside.port = config_.port;
  outside.allow_plain = config_.allow_plain_http;
  outside.body_timeout = std::chrono::seconds(60);
  const auto names = config_.host + "," + config_.tls_names;
  TRY(outside.tls, registry::make_door_identity(config_.state_dir, p.self(), names, runtime_));
  outside.refusal = [this](int status, std::string_view reason) {
    return refuse_malformed(runtime_, status, reason);
  };
  TRY(p.public_server,
      http::Server::listen(runtime_, std::move(outside),
                           [&p](http::Request& request) { return p.door->handle(request); }));
  http::ServerOptions inside;
  inside.address = config_.internal_address;
  inside.port = config_.internal_port;
  inside.allow_plain = false;
  inside.body_timeout = std::chrono::seconds(60);
  inside.tls = soap::tls_identity_of(p.self());
  inside.want_client_certificate = true;
  TRY(p.internal_server,
      http::Server::listen(runtime_, std::move(inside),
                           [&p](http::Request& request) { return p.soap->handle(request); }));
  p.services->own_address.port = p.internal_server->port();
  return common::ok();
}

Task<> Daemon::start() {
  auto& p = *parts_;
  if (seams_.listen) {
    const auto address = config_.admin_address;
    CO_TRY(p.admin, admin::Admin::listen(runtime_, address, config_.admin_port, p.metrics));
  }
  CO_TRY_VOID(co_await open_state());
  if (seams_.listen && config_.audit_total_mib > 0) {
    const auto folder = config_.state_dir + "/audit";
    const auto limits = audit::limits_in_mib(config_.audit_file_mib, config_.audit_total_mib);
    CO_TRY(p.audit, co_await audit::Log::open(runtime_, folder, limits));
  }
  CO_TRY_VOID(build_parts());
  CO_TRY_VOID(co_await settle_restoration(*p.services));
  CO_TRY_VOID(co_await load_properties(*p.services));
  CO_TRY_VOID(co_await ensure_administrator(*p.services));
  CO_TRY_VOID(co_await ensure_thumbprints(*p.services));
  if (seams_.listen) CO_TRY_VOID(listen());
  CO_TRY_VOID(co_await p.issuer->refresh());
  runtime_.spawn("issue the registry", p.issuer->run());
  runtime_.spawn("poll the services", p.poller->run());
  CO_TRY_VOID(co_await p.instances->start());
  if (p.admin)
    runtime_.spawn("publish figures", keep_publishing(runtime_, p.instances->table(), p.metrics));
  if (p.admin) runtime_.spawn("readiness", tell_readiness(runtime_, *p.database, *p.admin));
  log::info("daemon.started", {{"host", p.services->own_address.host},
                               {"port", port()},
                               {"internal_port", internal_port()},
                               {"state_dir", config_.state_dir}});
  co_return common::ok();
}

std::uint16_t Daemon::port() const {
  return parts_->public_server ? parts_->public_server->port() : 0;
}
std::uint16_t Daemon::internal_port() const {
  return parts_->internal_server ? parts_->internal_server->port() : 0;
}
std::uint16_t Daemon::admin_port() const { return parts_->admin ? parts_->admin->port() : 0; }
Services& Daemon::services() { return *parts_->services; }
soap::Dispatcher& Daemon::dispatcher() { return parts_->dispatcher; }
FrontDoor& Daemon::front_door() { return *parts_->door; }

}  // namespace angophora::clc
