// A cluster controller with its nodes, in memory, over a network that loses, repeats and delays.
// For tests of the cloud controller.
#pragma once

#include <map>
#include <set>

#include "clc/clients/cluster_client.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc {

class FakeCluster final : public ClusterClient {
 public:
  struct Guest {
    NodeName node;
    std::int64_t placement_no = 0;
    GuestState state = GuestState::staging;
    std::string reason;
    std::map<VolumeId, VolumeReport> volumes = {};
  };
  struct Node {
    Resources total;
    bool reachable = true;
    bool refuses = false;  // every order to run
    bool refuses_volumes = false;
    bool clings = false;  // guests do not let go of volumes unless forced
    std::int64_t network_version = 0;
    std::map<InstanceId, Guest> guests;
    std::map<InstanceId, std::int64_t> ended;  // highest placement that is over here
  };
  struct Faults {
    int lose_requests = 0;  // of a hundred
    int lose_answers = 0;
    int repeat = 0;
    Duration delay_max{};
  };

  // `runtime` is the process of the cluster controller and its nodes.
  FakeCluster(common::SimWorld& world, common::SimRuntime& runtime)
      : world_(world), runtime_(runtime) {}

  void add_node(const std::string& name, Resources total) { nodes[NodeName(name)].total = total; }
  // Forgets everything that the nodes could tell it again.
  void restart();
  // As the guest or its node would.
  void set_guest(const InstanceId& id, GuestState state, std::string reason = {});

  Faults faults;
  std::map<NodeName, Node> nodes;
  bool boots = true;  // guests get to running by themselves
  Duration boot_time = std::chrono::seconds(2);
  bool is_down = false;  // cannot be reached
  bool plugs = true;     // volumes get to attached and detached by themselves
  Duration plug_time = std::chrono::milliseconds(500);
  // Whether the storage lets that node open that attachment; asked when it would be opened.
  std::function<bool(const VolumeId&, const NodeName&, std::int64_t)> may_open;
  NetworkDocument network;                 // last applied
  int starts(const InstanceId& id) const;  // guests that were started for it, ever
  // What the node of the guest says of the volume; nothing when it says nothing.
  std::optional<VolumeReport> volume(const InstanceId& guest, const VolumeId& volume) const;
  // Guests of it that exist now, on all nodes.
  int living(const InstanceId& id) const;
  std::vector<std::string> calls;  // names of operations, as they arrived
  ConsoleOutput console{"login: ", {}};

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
  Task<std::int64_t> apply_network(ServiceName cluster, NetworkDocument document) override;
  Task<ZoneReport> describe_zone(ServiceName cluster, std::string known_boot_id,
                                 std::int64_t known_generation, Duration wait) override;

 private:
  // Carries a request to the cluster and its answer back, with the faults on the way.
  template <class T>
  Task<T> carry(std::string name, std::function<T()> serve);
  bool happens(int percent);
  Outcome run_one(const LaunchOrder& order);
  Outcome end_one(const GuestRef& guest);
  Outcome attach_one(const VolumeOrder& order, const std::string& device);
  Outcome detach_one(const VolumeOrder& order, bool force);
  Guest* find_guest(const GuestRef& guest);
  void settle_volume(const VolumeOrder& order);
  Resources used(const Node& node) const;
  ZoneReport report() const;
  void changed();

  common::SimWorld& world_;
  common::SimRuntime& runtime_;
  std::string boot_id_ = "boot-1";
  std::int64_t generation_ = 1;
  std::int64_t boot_count_ = 1;
  std::map<InstanceId, int> starts_;
  struct Hold {
    NodeName node;
    Resources room;
    common::SteadyTime until{};
  };
  std::map<InstanceId, Hold> held_;
  common::Wake news_;
};

}  // namespace angophora::clc
