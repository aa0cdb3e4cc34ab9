// angophora-cc: the cluster controller.
#include "cc/daemon.h"
#include "common/component/component.h"

namespace angophora::cc {
namespace {

Task<> start(const Config& config, component::Component& component) {
  CO_TRY_VOID(co_await component.join());
  auto& membership = component.membership();
  CO_TRY(auto made, Daemon::make(component.runtime(), config, membership.name(),
                                 membership.channel(), membership.table()));
  auto& daemon = component.keep(std::move(made));
  daemon.start();
  daemon.show_in(component.metrics());
  co_return component.serve(daemon.dispatcher());
}

}  // namespace
}  // namespace angophora::cc

int main(int argc, char** argv) {
  using namespace angophora;
  const auto config = config::load<cc::Config>("angophora-cc", argc, argv);
  component::Options options("cc", soap::Role::cluster, config);
  return component::run(std::move(options), [&config](component::Component& component) {
    return cc::start(config, component);
  });
}
