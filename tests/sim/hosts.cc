#include "tests/sim/hosts.h"

#include "common/registry/document.h"
#include "common/registry/files.h"
#include "common/registry/follower.h"
#include "sc/store/migrations.h"

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

// --- cloud controller ---

void ClcHost::build() {
  clc::Config config;
  config.state_dir = state_dir_;
  config.host = "10.0.0.1";
  clc::Seams seams;
  seams.listen = false;
  seams.keys = around_.keys;
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
  table_ = std::make_unique<registry::RegistryTable>(runtime());
  channel_ = std::make_unique<NetworkChannel>(runtime(), around_.network, name(), Role::cluster,
                                              table_.get());
  take_kept_registry();
  daemon_ = cc::Daemon::make(runtime(), config_, name(), *channel_, *table_).value();
  registry::FollowerOptions options{ServiceName("clc"), around_.keys.signing.certificate,
                                    state_dir_ + "/registry.signed"};
  runtime().spawn("follow",
                  registry::follow_registry(runtime(), *channel_, *table_, std::move(options)));
  daemon_->start();
  around_.network.attach(name(), runtime(), daemon_->dispatcher());
}

void CcHost::take_kept_registry() {
  const auto bytes = registry::read_file(state_dir_ + "/registry.signed").value();
  if (!bytes) return;
  const auto document = registry::deserialise(*bytes).value();
  const auto opened = registry::open_registry(document, around_.keys.signing.certificate);
  if (!opened || !table_->accept(opened.value()))
    around_.trace.violate(name().value + " cannot use the registry that it has kept");
}

void CcHost::destroy() {
  daemon_.reset();
  channel_.reset();
  table_.reset();
}

// --- node controller ---

NcHost::Process::Process(common::SimRuntime& runtime, Network& network, Machine& machine,
                         nc::HostFacts facts)
    : hypervisor(runtime, machine),
      disks(runtime, machine),
      records(runtime, machine),
      images(runtime),
      channel(runtime, network, ServiceName(machine.name), Role::node),
      storage(channel),
      daemon(
          runtime, nc::Config{}, {common::NodeName(machine.name), common::ZoneName(kZone)},
          std::move(facts),
          {hypervisor, machine.network, images, disks, records, storage, machine.volume_clients}) {}

void NcHost::build() {
  nc::HostFacts facts{total_, machine.boot_id};
  process_ = std::make_unique<Process>(runtime(), around_.network, machine, std::move(facts));
  process_->images.delay = machine.some_time() * 10;
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

// --- storage controller and object store ---

void ScHost::build() {
  db::Options options;
  options.path = state_dir_ + "/sc.sqlite";
  options.inline_io = true;
  database_ = db::Database::open(runtime(), options, sc::kMigrations).value();
  daemon_ = std::make_unique<sc::Daemon>(runtime(), name(), common::ZoneName(kZone), *database_,
                                         volumes_, exports_, [] { return "10.0.0.3"; });
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
  database_.reset();
}

void WalrusHost::build() {
  using Describe = soap::walrus::DescribeServices;
  dispatcher_ = std::make_unique<soap::Dispatcher>();
  dispatcher_->serve<Describe>({Role::cloud}, [this](soap::Caller, Describe::Request) {
    return [](common::SysTime clock) -> Task<Describe::Reply> {
      Describe::Reply reply;
      auto& status = reply.services.emplace_back();
      status.name = "walrus";
      status.type = "walrus";
      status.state = "ENABLED";
      status.version = "1";
      status.clockMs = clock.time_since_epoch().count();
      co_return reply;
    }(runtime().now());
  });
  around_.network.attach(name(), runtime(), *dispatcher_);
}

}  // namespace angophora::sim
