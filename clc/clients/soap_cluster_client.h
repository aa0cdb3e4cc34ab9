// The cluster client over the wire between the daemons.
#pragma once

#include "clc/clients/cluster_client.h"
#include "common/soap/channel.h"

namespace angophora::clc {

class SoapClusterClient final : public ClusterClient {
 public:
  SoapClusterClient(common::Runtime& runtime, soap::Channel& channel)
      : runtime_(runtime), channel_(channel) {}

  Task<std::vector<NodeReservation>> reserve_nodes(ServiceName cluster,
                                                   std::vector<NodeRequest> requests,
                                                   NodeBooks books) override;
  Task<std::vector<Outcome>> run_instances(ServiceName cluster,
                                           std::vector<LaunchOrder> orders) override;
  Task<std::vector<Outcome>> terminate_instances(ServiceName cluster,
                                                 std::vector<GuestRef> guests) override;
  Task<std::vector<Outcome>> reboot_instances(ServiceName cluster, std::vector<GuestRef> guests,
                                              std::string request_id) override;
  Task<Outcome> attach_volume(ServiceName cluster, VolumeOrder order, std::string device,
                              StorageAddress storage) override;
  Task<Outcome> detach_volume(ServiceName cluster, VolumeOrder order, bool force) override;
  Task<ConsoleOutput> console_output(ServiceName cluster, GuestRef guest,
                                     std::string request_id) override;
  Task<std::int64_t> apply_network(ServiceName cluster, NetworkDocument network) override;
  Task<ZoneReport> describe_zone(ServiceName cluster, std::string known_boot_id,
                                 std::int64_t known_generation, Duration wait) override;

 private:
  common::Runtime& runtime_;
  soap::Channel& channel_;
};

}  // namespace angophora::clc
