// angophora-cc: the cluster controller.
#include "cc/daemon.h"
#include "common/component/component.h"

namespace angophora::cc {
namespace {

component::Options options_of(const Config& config) {
  component::Options options;
  options.daemon = "cc";
  options.role = soap::Role::cluster;
  options.log_level = config.log_level;
  options.state_dir = config.state_dir;
  options.listen_address = config.listen_address;
  options.port = config.port;
  options.admin_address = config.admin_address;
  options.admin_port = config.admin_port;
  options.clock_skew_max = config.message_clock_skew_max;
  return options;
}

Task<> start(const Config& config, component::Component& component,
             std::unique_ptr<Daemon>& daemon) {
  CO_TRY_VOID(co_await component.join());
  auto& membership = component.membership();
  CO_TRY(daemon, Daemon::make(component.runtime(), config, membership.name(), membership.channel(),
                              membership.table()));
  daemon->start();
  daemon->show_in(component.metrics());
  co_return component.serve(daemon->dispatcher());
}

}  // namespace
}  // namespace angophora::cc

int main(int argc, char** argv) {
  using namespace angophora;
  const auto config = config::load<cc::Config>("angophora-cc", argc, argv);
  std::unique_ptr<cc::Daemon> daemon;
  return component::run(cc::options_of(config), [&](component::Component& component) {
    return cc::start(config, component, daemon);
  });
}
