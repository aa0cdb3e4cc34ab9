#include "clc/reconcilers/instance_part.h"

#include "clc/clients/soap_cluster_client.h"
#include "clc/clients/soap_storage_client.h"
#include "clc/clients/soap_walrus_client.h"

namespace angophora::clc {
namespace {

NetworkSettings network_settings(InstanceNetwork network, const Config& config,
                                 const Properties& properties) {
  NetworkSettings settings;
  settings.network = network;
  settings.region = config.region_name;
  settings.dns_servers = [&properties] {
    auto servers = parse_dns_servers(properties.text("network.dns_servers"));
    return servers ? std::move(servers).value() : std::vector<std::string>();
  };
  return settings;
}

}  // namespace

Result<std::unique_ptr<InstancePart>> InstancePart::make(Services& services,
                                                         std::unique_ptr<ClusterClient> clusters,
                                                         std::unique_ptr<WalrusClient> walrus,
                                                         ReconcileTimes times,
                                                         std::unique_ptr<StorageClient> storages) {
  TRY(const auto network, parse_instance_network(services.config.instance_network));
  if (!clusters)
    clusters = std::make_unique<SoapClusterClient>(services.runtime, *services.channel);
  if (!walrus) walrus = std::make_unique<SoapWalrusClient>(*services.channel);
  if (!storages)
    storages = std::make_unique<SoapStorageClient>(services.runtime, *services.channel);
  std::unique_ptr<InstancePart> part(new InstancePart(
      services, network, std::move(clusters), std::move(walrus), times, std::move(storages)));
  services.cloud = &part->services_;
  return part;
}

InstancePart::InstancePart(Services& services, InstanceNetwork network,
                           std::unique_ptr<ClusterClient> clusters,
                           std::unique_ptr<WalrusClient> walrus, ReconcileTimes times,
                           std::unique_ptr<StorageClient> storages)
    : clusters_(std::move(clusters)),
      walrus_(std::move(walrus)),
      storages_(std::move(storages)),
      image_keys_(services.runtime, services.keys.image.key),
      services_{zones_, *clusters_, *walrus_, image_keys_, network, &storage_reports_},
      reconcilers_(services.runtime, services.db, *clusters_, *walrus_, zones_, services.changes,
                   network_settings(network, services.config, services.properties), times),
      volumes_(services.runtime, services.db, *clusters_, *storages_, zones_, storage_reports_,
               services.changes) {}

Task<> InstancePart::start() {
  CO_TRY_VOID(co_await reconcilers_.start());
  co_return co_await volumes_.start();
}

}  // namespace angophora::clc
