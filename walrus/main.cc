// The object store's daemon: reads the settings, joins the cloud, serves S3 and the other daemons.
#include "common/component/component.h"
#include "common/log/log.h"
#include "common/registry/door.h"
#include "common/soap/soap_channel.h"
#include "walrus/clients/identity_follower.h"
#include "walrus/operations/operations.h"
#include "walrus/walrus.h"

namespace angophora::walrus {
namespace {

// All that serves once this store is enrolled.
struct Store {
  Store(component::Component& component, std::unique_ptr<Walrus> opened)
      : walrus(std::move(opened)),
        operations{walrus->services(),
                   {component.membership().name(),
                    [&component] { return component.why_not_ready(); }, ANGOPHORA_VERSION}} {
    serve_operations(dispatcher, operations);
  }

  std::string why_not_ready() const {
    if (walrus->identities().usable()) return {};
    return "the cloud's identities are not known: the cloud controller cannot be reached";
  }

  std::unique_ptr<Walrus> walrus;
  OperationServices operations;
  soap::Dispatcher dispatcher;
};

// Nodes fetch the parts of images from the listener of the other daemons.
common::awaitable<http::Response> answer(Services& services, const registry::RegistryTable& table,
                                         soap::SoapServer& soap, http::Request& request) {
  if (!is_image_part_path(request.path())) co_return co_await soap.handle(request);
  const auto peers = table.peers();
  co_return co_await serve_image_part(services, *peers, request);
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
  CO_TRY(auto opened,
         co_await Walrus::open(runtime, config, std::move(unseal), component.metrics()));
  auto& store = component.keep(std::make_unique<Store>(component, std::move(opened)));
  component.also_ready_when([&store] { return store.why_not_ready(); });
  auto front = [&store, &membership](soap::SoapServer& soap, http::Request& request) {
    return answer(store.walrus->services(), membership.table(), soap, request);
  };
  const auto make_door = [&runtime, &config, &membership, names = door_names(config, membership)] {
    return registry::make_door_identity(config.state_dir, membership.self(), names, runtime);
  };
  CO_TRY(auto door, co_await runtime.run_blocking(make_door));
  CO_TRY_VOID(store.walrus->serve_s3(config, std::move(door)));
  log::info("s3.serving", {{"port", store.walrus->s3_port()}});
  runtime.spawn("follow identities",
                follow_identities(runtime, membership.channel(), membership.cloud_name(),
                                  store.walrus->identities(), store.walrus->services().db));
  co_return component.serve(store.dispatcher, std::move(front));
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
