#include "tests/sim/hosts.h"

#include <filesystem>
#include <set>

#include "common/registry/document.h"
#include "common/registry/files.h"
#include "common/registry/follower.h"
#include "sc/store/migrations.h"
#include "walrus/clients/identity_follower.h"
#include "walrus/operations/snapshot_routes.h"

namespace angophora::sim {

using common::Task;

constexpr char kZone[] = "zone-a";

void Host::start() {
  if (is_up()) return;
  around_.trace.note(name_.value + " starts");
  runtime_ = std::make_unique<common::SimRuntime>(around_.world, name_.value);
  runtime_->set_clock_offset(clock_offset);
  build();
}

void Host::kill() {
  if (!is_up()) return;
  around_.trace.note(name_.value + " dies");
  around_.network.detach(name_);
  runtime_->kill();
  destroy();
  runtime_.reset();
}

Membership::Membership(common::SimRuntime& runtime, Surroundings around, ServiceName name,
                       Role role, const std::string& state_dir)
    : table(runtime), channel(runtime, around.network, name, role, &table) {
  const auto file = state_dir + "/" + name.value + ".registry";
  take_kept_registry(around, name, file);
  registry::FollowerOptions options{ServiceName("clc"), around.keys.cloud().signing.certificate,
                                    file};
  runtime.spawn("follow", registry::follow_registry(runtime, channel, table, std::move(options)));
}

void Membership::take_kept_registry(Surroundings around, const ServiceName& name,
                                    const std::string& file) {
  const auto bytes = registry::read_file(file).value();
  if (!bytes) return;
  const auto document = registry::deserialise(*bytes).value();
  const auto opened = registry::open_registry(document, around.keys.cloud().signing.certificate);
  if (!opened || !table.accept(opened.value()))
    around.trace.violate(name.value + " cannot use the registry that it has kept");
}

// --- cloud controller ---

void ClcHost::build() {
  clc::Config config;
  config.state_dir = state_dir_;
  config.host = "10.0.0.1";
  clc::Seams seams;
  seams.listen = false;
  seams.keys = around_.keys.cloud();
  seams.database.emplace();
  seams.database->path = state_dir_ + "/clc.sqlite";
  seams.database->inline_io = true;
  seams.make_channel = [this](registry::RegistryTable& table) {
    return std::make_unique<NetworkChannel>(runtime(), around_.network, name(), Role::cloud,
                                            &table);
  };
  daemon_ = std::make_unique<clc::Daemon>(runtime(), config, std::move(seams));
  runtime().spawn("start", run(*this));
}

common::awaitable<void> ClcHost::run(ClcHost& host) {
  const auto started = co_await host.daemon_->start();
  if (!started) {
    host.around_.trace.violate("the cloud controller does not start: " + started.error().message);
    co_return;
  }
  host.serves_ = true;
  host.around_.network.attach(host.name(), host.runtime(), host.daemon_->dispatcher());
}

void ClcHost::destroy() {
  serves_ = false;
  daemon_.reset();
}

// --- cluster controller ---

void CcHost::build() {
  membership_ = std::make_unique<Membership>(runtime(), around_, name(), Role::cluster, state_dir_);
  daemon_ = cc::Daemon::make(runtime(), config_, name(), membership_->channel, membership_->table)
                .value();
  daemon_->start();
  around_.network.attach(name(), runtime(), daemon_->dispatcher());
}

void CcHost::destroy() {
  daemon_.reset();
  membership_.reset();
}

// --- node controller ---

namespace {

nc::ImageCacheOptions cache_options(std::string dir) {
  nc::ImageCacheOptions options;
  options.dir = std::move(dir);
  options.disk_margin_bytes = 0;
  return options;
}

http::Peer shown_by(const Keys& keys, const ServiceName& name) {
  http::Peer peer;
  peer.address = name.value;
  peer.tls = true;
  peer.certificate_der = keys.of(name).certificate.der();
  return peer;
}

}  // namespace

NcHost::Process::Process(NcHost& host, nc::HostFacts facts)
    : pool(host.runtime(), host.around_.world, host.machine.slowness),
      membership(host.runtime(), host.around_, host.name(), Role::node, host.state_dir_),
      web(host.runtime(), host.around_.network, host.name(), ServiceName("walrus"),
          shown_by(host.around_.keys, host.name())),
      hypervisor(host.runtime(), host.machine),
      disks(host.runtime(), host.machine),
      records(host.runtime(), host.machine),
      source(
          pool, {membership.channel, membership.table, ServiceName("clc")},
          [this](http::ClientRequest request) { return web.send(std::move(request)); },
          host.around_.keys.of(host.name()).key),
      images(pool, source, cache_options(host.images_dir())),
      storage(membership.channel),
      daemon(host.runtime(), nc::Config{},
             {common::NodeName(host.machine.name), common::ZoneName(kZone)}, std::move(facts),
             {hypervisor, host.machine.network, images, disks, records, storage,
              host.machine.volume_clients}) {}

// While the daemon is down somebody may throw images away that no disk lies on.
void NcHost::tidy_up() {
  if (around_.world.random_below(3) != 0) return;
  std::set<std::filesystem::path> unused;
  std::error_code none_yet;
  for (const auto& file : std::filesystem::directory_iterator(images_dir(), none_yet))
    unused.insert(file.path());
  for (const auto& [id, base] : machine.bases) unused.erase(base.path);
  for (const auto& file : unused) std::filesystem::remove(file);
}

void NcHost::build() {
  tidy_up();
  nc::HostFacts facts{total_, machine.boot_id};
  process_ = std::make_unique<Process>(*this, std::move(facts));
  runtime().spawn("start", run(*this));
}

common::awaitable<void> NcHost::run(NcHost& host) {
  auto& daemon = host.process_->daemon;
  const auto started = co_await daemon.start();
  if (!started) {
    host.around_.trace.violate(host.name().value + " does not start: " + started.error().message);
    co_return;
  }
  host.around_.network.attach(host.name(), host.runtime(), daemon.dispatcher());
}

void NcHost::destroy() { process_.reset(); }

// --- storage controller ---

void ScHost::build() {
  db::Options options;
  options.path = state_dir_ + "/sc.sqlite";
  options.inline_io = true;
  database_ = db::Database::open(runtime(), options, sc::kMigrations).value();
  membership_ = std::make_unique<Membership>(runtime(), around_, name(), Role::storage, state_dir_);
  web_ = std::make_unique<NetworkWeb>(runtime(), around_.network, name(), ServiceName("walrus"),
                                      shown_by(around_.keys, name()));
  snapshots_ = std::make_unique<sc::WalrusSnapshots>(
      runtime(), membership_->table,
      [this](http::ClientRequest request) { return web_->send(std::move(request)); });
  sc::Daemon::Seams seams{*database_, volumes_, exports_, *snapshots_, [] { return "10.0.0.3"; }};
  daemon_ =
      std::make_unique<sc::Daemon>(runtime(), name(), common::ZoneName(kZone), std::move(seams));
  runtime().spawn("start", run(*this));
}

common::awaitable<void> ScHost::run(ScHost& host) {
  const auto started = co_await host.daemon_->start();
  if (!started) {
    host.around_.trace.violate("the storage controller does not start: " + started.error().message);
    co_return;
  }
  host.around_.network.attach(host.name(), host.runtime(), host.daemon_->dispatcher());
}

void ScHost::destroy() {
  daemon_.reset();
  snapshots_.reset();
  web_.reset();
  membership_.reset();
  database_.reset();
}

// --- object store ---

namespace {

// As the listener of the other daemons does.
common::awaitable<http::Response> serve_others(walrus::Walrus& store,
                                               const registry::RegistryTable& table,
                                               http::Request& request) {
  const auto peers = table.peers();
  if (walrus::is_snapshot_path(request.path()))
    co_return co_await walrus::serve_snapshots(store.chunks(), *peers, store.services(), request);
  co_return co_await walrus::serve_image_part(store.services(), *peers, request);
}

}  // namespace

void WalrusHost::build() {
  config_.state_dir = state_dir_ + "/walrus";
  config_.free_reserve_mib = 0;
  std::filesystem::create_directories(config_.state_dir);
  metrics_ = std::make_unique<admin::Metrics>();
  pool_ = std::make_unique<SlowPool>(runtime(), around_.world, slowness);
  membership_ = std::make_unique<Membership>(runtime(), around_, name(), Role::walrus, state_dir_);
  runtime().spawn("start", run(*this));
}

common::awaitable<void> WalrusHost::run(WalrusHost& host) {
  const auto started = co_await start_daemon(host);
  if (!started)
    host.around_.trace.violate("the object store does not start: " + started.error().message);
}

Task<> WalrusHost::start_daemon(WalrusHost& host) {
  walrus::Walrus::Seams seams;
  seams.database.emplace();
  seams.database->path = host.config_.state_dir + "/walrus.sqlite";
  seams.database->inline_io = true;
  walrus::Unseal unseal = [key = host.around_.keys.of(host.name()).key](const std::string& sealed) {
    return key.decrypt_oaep(sealed);
  };
  auto& pool = *host.pool_;
  auto& channel = host.membership_->channel;
  CO_TRY(auto opened, co_await walrus::Walrus::open(pool, host.config_, std::move(unseal),
                                                    *host.metrics_, std::move(seams)));
  walrus::Status status{host.name(), [&host] { return host.daemon_->why_not_ready(); }, "1"};
  host.daemon_ = std::make_unique<walrus::Daemon>(std::move(opened), std::move(status));
  auto& store = host.daemon_->walrus();
  store.begin_sweep();
  host.runtime().spawn("follow identities",
                       walrus::follow_identities(pool, channel, ServiceName("clc"),
                                                 store.identities(), store.services().db));
  host.serves_ = true;
  auto others = [&host, &store](http::Request& request) {
    return serve_others(store, host.membership_->table, request);
  };
  host.around_.network.attach(host.name(), host.runtime(), host.daemon_->dispatcher(),
                              std::move(others));
  co_return common::ok();
}

void WalrusHost::destroy() {
  serves_ = false;
  daemon_.reset();
  membership_.reset();
  pool_.reset();
  metrics_.reset();
}

Web WalrusHost::web() {
  return [&door = daemon_->walrus().front_door()](http::Request& request) {
    return door.handle(request);
  };
}

}  // namespace angophora::sim
