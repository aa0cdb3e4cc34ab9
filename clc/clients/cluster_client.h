// What the cloud controller asks of the cluster controllers, in its own words.
//
// Threads: I/O thread only.
// Errors:  of every call: Errc::unavailable when the cluster controller cannot be reached;
//          Errc::timed_out when it did not answer in time, and the order may have taken effect.
//          Orders may be sent again at any time: they name the placement that they are about.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clc/domain/image.h"
#include "clc/domain/instance.h"
#include "clc/domain/network_document.h"
#include "clc/domain/zone_report.h"

namespace angophora::clc {

using common::Duration;
using common::Task;

struct NodeRequest {
  InstanceId id;
  std::int64_t placement_no = 0;
  Resources resources;
  NodeName promised{};  // where its room is kept, if anywhere
};

// What is given away of each node, to instances that are there and to those it is promised to.
using NodeBooks = std::map<NodeName, Resources>;

// A node that holds the room for a while, or none and why.
struct NodeReservation {
  InstanceId id;
  std::int64_t placement_no = 0;
  NodeName node;
  std::string reason;
};

struct ImageUse {
  ImageId id;
  ImageKind kind = ImageKind::machine;
  std::int64_t bytes = 0;
  bool whole_disk = false;
};

// An instance on its way to the node that was committed for it.
struct LaunchOrder {
  Instance instance;
  ImageUse machine;
  std::optional<ImageUse> kernel;
  std::optional<ImageUse> ramdisk;
};

struct GuestRef {
  NodeName node;
  InstanceId id;
  std::int64_t placement_no = 0;
};

struct Outcome {
  InstanceId id;
  bool accepted = false;
  std::string code;
  std::string reason;
  // True when the node itself said no; false when it is not known what became of the order.
  bool definitely_refused() const;
};

struct ConsoleOutput {
  std::string bytes;
  common::SysTime at{};
};

// One attachment, for the node that its instance runs on.
struct VolumeOrder {
  GuestRef guest;
  VolumeId volume;
  std::int64_t epoch = 0;
};

// Where the node finds the volume.
struct StorageAddress {
  ServiceName name;
  std::string host;
  std::uint16_t port = 0;
};

class ClusterClient {
 public:
  virtual ~ClusterClient() = default;

  virtual Task<std::vector<NodeReservation>> reserve_nodes(ServiceName cluster,
                                                           std::vector<NodeRequest> requests,
                                                           NodeBooks books) = 0;
  virtual Task<std::vector<Outcome>> run_instances(ServiceName cluster,
                                                   std::vector<LaunchOrder> orders) = 0;
  virtual Task<std::vector<Outcome>> terminate_instances(ServiceName cluster,
                                                         std::vector<GuestRef> guests) = 0;
  virtual Task<std::vector<Outcome>> reboot_instances(ServiceName cluster,
                                                      std::vector<GuestRef> guests,
                                                      std::string request_id) = 0;
  virtual Task<Outcome> attach_volume(ServiceName cluster, VolumeOrder order, std::string device,
                                      StorageAddress storage) = 0;
  // With `force` the guest is not asked whether it lets go.
  virtual Task<Outcome> detach_volume(ServiceName cluster, VolumeOrder order, bool force) = 0;
  virtual Task<ConsoleOutput> console_output(ServiceName cluster, GuestRef guest,
                                             std::string request_id) = 0;
  // The version that the cluster controller holds now.
  virtual Task<std::int64_t> apply_network(ServiceName cluster, NetworkDocument network) = 0;
  // Answers when there is something newer than what is known, or after `wait`.
  virtual Task<ZoneReport> describe_zone(ServiceName cluster, std::string known_boot_id,
                                         std::int64_t known_generation, Duration wait) = 0;
};

}  // namespace angophora::clc
