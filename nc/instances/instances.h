// The instances of this node: takes orders, drives each instance to where it must be, and reports.
//
// Every instance has one driver at a time, a coroutine that repeats the step of its present state
// until the state moves on. Orders only change states; the driver does the work. What happened on
// the host while nobody looked is found by a look at the hypervisor each second.
//
// Threads: I/O thread only. Lifetime: outlives the runtime's coroutines.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/runtime/runtime.h"
#include "nc/domain/instance.h"
#include "nc/domain/resources.h"
#include "nc/hypervisor/hypervisor.h"
#include "nc/images/disks.h"
#include "nc/images/images.h"
#include "nc/instances/records.h"
#include "nc/instances/report.h"
#include "nc/metadata/metadata_source.h"
#include "nc/network/network.h"
#include "nc/volumes/storage_volumes.h"
#include "nc/volumes/volume_clients.h"

namespace angophora::nc {

struct InstancesOptions {
  std::string instances_dir;
  std::string host_boot_id;  // changes when the host restarts
  Resources total;
  // GiB of disk for guests as it is now (HostFacts::disk_gib); null: as in `total` for ever.
  std::function<common::Result<std::uint64_t>()> disk_gib;
  std::uint64_t disk_margin_bytes = 1ull << 30;  // less than that is free: no new instances
  std::uint64_t console_bytes_max = 4ull << 20;
  common::Duration staging_timeout = std::chrono::minutes(30);
  common::Duration boot_timeout = std::chrono::minutes(5);  // for network and hypervisor to do it
  common::Duration reboot_grace = std::chrono::minutes(2);  // for the guest to do it itself
  common::Duration tombstone_age = std::chrono::minutes(15);
  std::size_t boots_max = 4;       // domains that are started at once
  std::uint32_t restarts_max = 3;  // of a guest that gets lost again and again
  std::size_t volumes_max = 16;    // attached to one instance
  common::Duration attach_timeout = std::chrono::minutes(2);  // for storage and hypervisor
  // A guest that starts waits that long for its volumes; then they are plugged in later.
  common::Duration volume_patience = std::chrono::seconds(30);
  // After a restart of the host a guest starts again that long after the cluster controller has
  // asked for a report and thus may have sent what was ordered meanwhile; or unheard after the
  // longer time.
  common::Duration orders_grace = std::chrono::seconds(1);
  common::Duration orders_patience = std::chrono::minutes(1);
  // Of a detachment by force: for the guest to let go, before the volume is cut off.
  common::Duration force_grace = std::chrono::seconds(5);
};

class Instances final : public MetadataSource {
 public:
  struct Seams {
    Hypervisor& hypervisor;
    Network& network;
    Images& images;
    Disks& disks;
    Records& records;
    StorageVolumes& storage;
    VolumeClients& volume_clients;
  };

  Instances(common::Runtime& runtime, Seams seams, InstancesOptions options);
  ~Instances() override;

  // Reads what is on disk and then goes on with it in the background: adopts what runs, starts
  // what should, cleans what is half made. Errc::io when the state folder cannot be read.
  common::Task<> start();

  // Orders. An outcome that says accepted is durable.
  common::Task<Outcome> run(InstanceSpec spec);
  common::Task<Outcome> terminate(InstanceId id, std::int64_t placement_no);
  common::Task<Outcome> reboot(InstanceId id, std::int64_t placement_no);
  common::Task<Outcome> attach(AttachOrder order);
  common::Task<Outcome> detach(DetachOrder order);
  // The end of the console. Errc::not_found when there is no such instance.
  common::Task<std::string> console(InstanceId id, std::int64_t placement_no);

  NodeReport report() const;
  // The report, at once when it is not the known one, else when it changes or after `wait`.
  common::Task<NodeReport> await_report(std::string known_boot_id, std::int64_t known_generation,
                                        common::Duration wait);
  // Counts as a change of the report, e.g. when a new network document is in force.
  void touch();

  std::optional<InstanceSpec> by_address(std::string_view private_ip) const override;
  std::string region() const override { return seams_.network.region(); }

 private:
  struct Live;
  using LivePtr = std::shared_ptr<Live>;
  struct LiveVolume;
  using VolumePtr = std::shared_ptr<LiveVolume>;

  // instances.cc: orders and reports
  LivePtr find(const InstanceId& id) const;
  common::Result<> check_order(const InstanceSpec& spec) const;
  common::Task<Outcome> admit(InstanceSpec spec);
  common::Task<Outcome> bury_unknown(InstanceId id, std::int64_t placement_no);
  void set_condition(std::string& condition, std::string reason);
  std::string not_ready_reason() const;
  Resources used() const;

  // change.cc: the only place that assigns states
  bool change(Live& live, InstanceEvent event, std::string reason = {});
  bool change(Live& live, const VolumeId& id, AttachmentEvent event, std::string reason = {});
  void explain(Live& live, const VolumeId& id, std::string reason);
  common::Task<> persist(LivePtr live);

  // volume_orders.cc: orders for attachments
  std::optional<Outcome> check_target(const AttachOrder& order, const LivePtr& live) const;
  common::Task<Outcome> record_attachment(LivePtr live, AttachOrder order);
  common::Task<Outcome> bury_attachment(LivePtr live, DetachOrder order);

  // drive_volume.cc: the steps of one attachment
  void ensure_volumes_driven(LivePtr live);
  void ensure_driven(LivePtr live, VolumeId id);
  common::awaitable<void> drive(LivePtr live, VolumeId id, VolumePtr volume);
  common::awaitable<void> attach_step(LivePtr live, VolumeId id, VolumePtr volume);
  common::awaitable<void> keep_step(LivePtr live, VolumeId id, VolumePtr volume);
  common::awaitable<void> detach_step(LivePtr live, VolumeId id, VolumePtr volume);
  common::awaitable<void> reclaim_step(LivePtr live, VolumeId id, VolumePtr volume);
  common::awaitable<void> let_go(LivePtr live, VolumeId id, VolumePtr volume);
  common::awaitable<void> unexport(LivePtr live, VolumeId id);
  common::Task<> export_again(LivePtr live, VolumeId id, VolumePtr volume);
  common::Task<> connect(LivePtr live, VolumeId id, VolumePtr volume);
  common::Task<> plug(LivePtr live, VolumeId id, VolumePtr volume);
  common::Task<> cut_off(LivePtr live, VolumeId id, VolumePtr volume);
  Disk disk_of(const Live& live, const Attachment& attachment) const;

  // volumes.cc: the volumes of an instance that starts, runs or ends
  common::awaitable<void> volumes_quiet(LivePtr live);
  common::Task<> connect_volumes(LivePtr live);
  common::Task<> release_volumes(LivePtr live);
  common::Task<> clean_volume_clients();
  common::awaitable<void> look_at_volumes();
  bool volumes_connected(const Live& live) const;
  void explain_pause(Live& live, bool paused);

  // drive.cc: the steps of one instance
  void ensure_driven(LivePtr live);
  common::awaitable<void> drive(LivePtr live);
  common::awaitable<void> stage(LivePtr live);
  common::awaitable<void> boot(LivePtr live);
  common::awaitable<void> release(LivePtr live);
  common::awaitable<void> settle(LivePtr live, common::Error error, common::Duration patience);
  common::Task<ImageLease> lease(LivePtr live, ImageRef image);
  common::Task<> lease_all(LivePtr live);
  common::Task<> plug_and_start(LivePtr live);
  DomainPlan plan_of(const Live& live) const;
  common::Task<> free_all(LivePtr live);
  common::awaitable<void> finish_reboot(LivePtr live);

  // watch.cc: what happens without an order
  common::awaitable<void> recover();
  common::Task<> clean_folders();
  common::awaitable<void> watch();
  common::awaitable<void> look();
  common::awaitable<void> judge(std::vector<DomainStatus> domains, common::SteadyTime listed_at);
  void judge_one(LivePtr live, const DomainStatus* domain);
  bool orders_are_here() const;
  common::awaitable<void> remove_strays(std::vector<DomainStatus> domains);
  common::awaitable<void> resume_paused(std::vector<DomainStatus> domains);
  common::awaitable<void> keep_house();
  common::awaitable<void> measure_disk();

  common::Runtime& runtime_;
  Seams seams_;
  const InstancesOptions options_;
  Resources total_ = options_.total;  // the disk as it was measured last
  const std::string boot_id_;
  std::map<InstanceId, LivePtr> all_;
  std::set<InstanceId> unreadable_;
  bool recovered_ = false;
  common::SteadyTime started_at_;
  std::optional<common::SteadyTime> known_since_;  // somebody asked who had a report of this start
  bool room_on_disk_ = true;
  std::string hypervisor_trouble_ = "the hypervisor was not reached yet";
  std::string network_trouble_;
  std::string disk_trouble_;
  std::int64_t generation_ = 1;
  std::size_t boots_ = 0;
  common::Wake boot_ended_;
  common::Wake changed_;     // the report
  common::Wake look_again_;  // something happened on the host
};

}  // namespace angophora::nc
