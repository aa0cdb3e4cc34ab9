// The object store's daemon: reads the settings, joins the cloud, serves S3 and the other daemons.
#include "common/component/component.h"
#include "common/log/log.h"
#include "common/registry/door.h"
#include "common/soap/soap_channel.h"
#include "walrus/clients/identity_follower.h"
#include "walrus/daemon.h"
#include "walrus/operations/snapshot_routes.h"

namespace angophora::walrus {
namespace {

// On the listener of the other daemons nodes fetch the parts of images, and storage controllers
// bring and fetch snapshots.
common::awaitable<http::Response> answer(Walrus& walrus, const registry::RegistryTable& table,
                                         soap::SoapServer& soap, http::Request& request) {
  const auto peers = table.peers();
  if (is_image_part_path(request.path()))
    co_return co_await serve_image_part(walrus.services(), *peers, request);
  if (is_snapshot_path(request.path()))
    co_return co_await serve_snapshots(walrus.chunks(), *peers, walrus.services(), request);
  co_return co_await soap.handle(request);
}

// Under what names and addresses users reach S3, as far as this daemon knows.
std::string door_names(const Config& config, registry::Membership& membership) {
  std::string names = config.tls_names;
  if (!config.domain.empty()) names += "," + config.domain + ",*." + config.domain;
  const auto peers = membership.table().peers();
  if (const auto* self = peers->by_name(membership.name())) names += "," + self->host;
  return names;
}

Task<> start(const Config& config, component::Component& component) {
  auto& runtime = component.runtime();
  auto& membership = component.membership();
  CO_TRY_VOID(co_await component.join());
  Unseal unseal = [key = membership.identity().encryption_key](const std::string& sealed) {
    return key.decrypt_oaep(sealed);
  };
  Walrus::Seams real;
  CO_TRY(auto opened, co_await Walrus::open(runtime, config, std::move(unseal), component.metrics(),
                                            std::move(real)));
  Status status{membership.name(), [&component] { return component.why_not_ready(); },
                ANGOPHORA_VERSION};
  auto& daemon = component.keep(std::make_unique<Daemon>(std::move(opened), std::move(status)));
  auto& walrus = daemon.walrus();
  component.also_ready_when([&daemon] { return daemon.why_not_ready(); });
  auto front = [&walrus, &membership](soap::SoapServer& soap, http::Request& request) {
    return answer(walrus, membership.table(), soap, request);
  };
  const auto make_door = [&runtime, &config, &membership, names = door_names(config, membership)] {
    return registry::make_door_identity(config.state_dir, membership.self(), names, runtime);
  };
  CO_TRY(auto door, co_await runtime.run_blocking(make_door));
  CO_TRY_VOID(walrus.serve_s3(config, std::move(door)));
  walrus.begin_sweep();
  log::info("s3.serving", {{"port", walrus.s3_port()}});
  runtime.spawn("follow identities",
                follow_identities(runtime, membership.channel(), membership.cloud_name(),
                                  walrus.identities(), walrus.services().db));
  co_return component.serve(daemon.dispatcher(), std::move(front));
}

}  // namespace
}  // namespace angophora::walrus

int main(int argc, char** argv) {
  using namespace angophora;
  const auto config = config::load<walrus::Config>("angophora-walrus", argc, argv);
  component::Options options("walrus", soap::Role::walrus, config);
  options.internal_address = config.internal_address;
  options.internal_port = config.internal_port;
  options.pool_threads = config.worker_threads;
  return component::run(std::move(options), [&config](component::Component& component) {
    return walrus::start(config, component);
  });
}
