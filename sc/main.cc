// angophora-sc: the storage controller.
#include "common/component/component.h"
#include "sc/backends/file_backend.h"
#include "sc/config.h"
#include "sc/daemon.h"

namespace angophora::sc {
namespace {

struct Parts {
  std::unique_ptr<FileBackend> volumes;
  std::unique_ptr<Daemon> daemon;
};

component::Options options_of(const Config& config) {
  component::Options options;
  options.daemon = "sc";
  options.role = soap::Role::storage;
  options.log_level = config.log_level;
  options.state_dir = config.state_dir;
  options.listen_address = config.listen_address;
  options.port = config.port;
  options.admin_address = config.admin_address;
  options.admin_port = config.admin_port;
  options.clock_skew_max = config.message_clock_skew_max;
  return options;
}

Task<> start(const Config& config, component::Component& component, Parts& parts) {
  const PoolLimits limits{config.pool_reserve_percent, config.pool_overcommit_percent};
  auto& runtime = component.runtime();
  std::function<Result<std::unique_ptr<FileBackend>>()> open = [&runtime, &config, limits] {
    return FileBackend::open(runtime, config.volumes_folder(), limits);
  };
  CO_TRY(parts.volumes, co_await runtime.run_blocking(std::move(open)));
  CO_TRY_VOID(co_await component.join());
  const auto& membership = component.membership();
  parts.daemon =
      std::make_unique<Daemon>(runtime, membership.name(), membership.zone(), *parts.volumes);
  parts.daemon->show_in(component.metrics());
  co_return component.serve(parts.daemon->dispatcher());
}

}  // namespace
}  // namespace angophora::sc

int main(int argc, char** argv) {
  using namespace angophora;
  const auto config = config::load<sc::Config>("angophora-sc", argc, argv);
  sc::Parts parts;
  return component::run(sc::options_of(config), [&](component::Component& component) {
    return sc::start(config, component, parts);
  });
}
