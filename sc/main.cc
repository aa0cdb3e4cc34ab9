// angophora-sc: the storage controller.
#include <filesystem>

#include "common/component/component.h"
#include "common/soap/soap_channel.h"
#include "sc/backends/file_backend.h"
#include "sc/clients/walrus_snapshots.h"
#include "sc/config.h"
#include "sc/daemon.h"
#include "sc/exports/nbdkit_server.h"
#include "sc/store/migrations.h"

namespace angophora::sc {
namespace {

// What is on this machine.
struct Parts {
  std::unique_ptr<db::Database> database;
  std::unique_ptr<FileBackend> volumes;
  std::unique_ptr<NbdkitServer> server;
};

// Beside the program, in an installed system as in a build folder: bin/ and lib/angophora/.
std::string installed_plugin() {
  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
  return (program.parent_path().parent_path() / "lib/angophora/nbdkit-angophora-volume.so")
      .string();
}

NbdkitOptions nbdkit_options(const Config& config) {
  NbdkitOptions options;
  options.folder = config.state_dir + "/exports";
  options.volumes_folder = config.volumes_folder();
  options.plugin = config.export_plugin.empty() ? installed_plugin() : config.export_plugin;
  options.address = config.export_address.empty() ? config.listen_address : config.export_address;
  options.ports = {config.export_port_first, config.export_port_last};
  return options;
}

// Blocks.
Result<Parts> open(common::Runtime& runtime, const Config& config) {
  std::error_code failure;
  std::filesystem::create_directories(config.state_dir, failure);
  if (failure)
    return common::Error(common::Errc::io, "making " + config.state_dir + ": " + failure.message());
  Parts parts;
  db::Options options;
  options.path = config.state_dir + "/sc.sqlite";
  TRY(parts.database, db::Database::open(runtime, std::move(options), kMigrations));
  const PoolLimits limits{config.pool_reserve_percent, config.pool_overcommit_percent};
  TRY(parts.volumes, FileBackend::open(runtime, config.volumes_folder(), limits));
  TRY(parts.server, NbdkitServer::open(runtime, nbdkit_options(config)));
  return parts;
}

// Where nodes reach exports: as the operator says, else where the cloud reaches this component.
std::function<std::string()> export_host(const Config& config, registry::Membership& membership) {
  return [&config, &membership] {
    if (!config.export_address.empty()) return config.export_address;
    const auto own = membership.table().find(membership.name());
    return own ? own->host : config.listen_address;
  };
}

Task<> start(const Config& config, component::Component& component) {
  auto& runtime = component.runtime();
  std::function<Result<Parts>()> work = [&runtime, &config] { return open(runtime, config); };
  CO_TRY(auto parts, co_await runtime.run_blocking(std::move(work)));
  auto& database = component.keep(std::move(parts.database));
  auto& volumes = component.keep(std::move(parts.volumes));
  auto& server = component.keep(std::move(parts.server));
  CO_TRY_VOID(co_await component.join());
  auto& membership = component.membership();
  http::ClientOptions client_options;
  client_options.tls = soap::tls_identity_of(membership.self());
  auto& client = component.keep(std::make_unique<http::Client>(runtime, std::move(client_options)));
  auto send = [&client](http::ClientRequest request) { return client.send(std::move(request)); };
  auto& store = component.keep(
      std::make_unique<WalrusSnapshots>(runtime, membership.table(), std::move(send)));
  Daemon::Seams seams{database, volumes, server, store, export_host(config, membership)};
  auto& daemon = component.keep(
      std::make_unique<Daemon>(runtime, membership.name(), membership.zone(), std::move(seams)));
  CO_TRY_VOID(co_await daemon.start());
  component.also_ready_when([&server] { return server.why_not(); });
  daemon.show_in(component.metrics());
  co_return component.serve(daemon.dispatcher());
}

}  // namespace
}  // namespace angophora::sc

int main(int argc, char** argv) {
  using namespace angophora;
  const auto config = config::load<sc::Config>("angophora-sc", argc, argv);
  component::Options options("sc", soap::Role::storage, config);
  return component::run(std::move(options), [&config](component::Component& component) {
    return sc::start(config, component);
  });
}
