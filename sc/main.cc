// angophora-sc: the storage controller.
#include "common/component/component.h"
#include "sc/backends/file_backend.h"
#include "sc/config.h"
#include "sc/daemon.h"

namespace angophora::sc {
namespace {

Task<> start(const Config& config, component::Component& component) {
  const PoolLimits limits{config.pool_reserve_percent, config.pool_overcommit_percent};
  auto& runtime = component.runtime();
  std::function<Result<std::unique_ptr<FileBackend>>()> open = [&runtime, &config, limits] {
    return FileBackend::open(runtime, config.volumes_folder(), limits);
  };
  CO_TRY(auto opened, co_await runtime.run_blocking(std::move(open)));
  auto& volumes = component.keep(std::move(opened));
  CO_TRY_VOID(co_await component.join());
  const auto& membership = component.membership();
  auto& daemon = component.keep(
      std::make_unique<Daemon>(runtime, membership.name(), membership.zone(), volumes));
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
