// A storage controller in memory, over a network that loses, repeats and delays. For tests of the
// cloud controller.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "clc/clients/fake_cluster.h"
#include "clc/clients/storage_client.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc {

class FakeStorage final : public StorageClient {
 public:
  struct Held {
    std::int64_t size_gib = 0;
    std::int64_t epoch = 0;  // the highest that was granted or revoked
    bool granted = false;
    ExportGrant holder;
    std::string damage;
    SnapshotId snapshot;  // that it was made from
  };
  struct HeldSnapshot {
    VolumeId volume;
    StoredSnapshot stored;
  };

  // `runtime` is the process of the storage controller.
  FakeStorage(common::SimWorld& world, common::SimRuntime& runtime)
      : world_(world), runtime_(runtime) {}

  FakeCluster::Faults faults;
  bool is_down = false;  // cannot be reached
  bool is_full = false;
  bool is_busy = false;      // takes no further snapshot for now
  bool hides_ended = false;  // reports pending snapshots only
  std::map<VolumeId, Held> volumes;
  std::map<SnapshotId, HeldSnapshot> snapshots;
  std::vector<std::string> calls;  // names of operations, as they arrived

  // True when this holder may open the volume now.
  bool may_open(const VolumeId& volume, const NodeName& node, std::int64_t epoch) const {
    const auto found = volumes.find(volume);
    return found != volumes.end() && found->second.granted && found->second.epoch == epoch &&
           found->second.holder.node == node;
  }

  // The way of a snapshot to the object store, as a test has it go.
  void upload(const SnapshotId& snapshot, std::int64_t progress) {
    auto& stored = snapshots.at(snapshot).stored;
    stored.progress = progress;
    if (progress == 100) stored.state = StoredSnapshot::State::completed;
  }

  Task<> create_volume(ServiceName, VolumeId volume, std::int64_t size_gib,
                       SnapshotId snapshot) override;
  Task<StoredSnapshot> create_snapshot(ServiceName, SnapshotId snapshot, VolumeId volume) override;
  Task<> delete_snapshot(ServiceName, SnapshotId snapshot) override;
  Task<> delete_volume(ServiceName, VolumeId volume) override;
  Task<StorageReport> describe_volumes(ServiceName) override;
  Task<> grant_export(ServiceName, ExportGrant grant) override;
  Task<> revoke_export(ServiceName, VolumeId volume, std::int64_t epoch) override;

 private:
  bool happens(int percent) {
    return percent > 0 && static_cast<int>(world_.random_below(100)) < percent;
  }
  template <class T>
  Task<T> carry(std::string name, std::function<common::Result<T>()> serve);
  common::Result<> create(const VolumeId& volume, std::int64_t size_gib,
                          const SnapshotId& snapshot);
  common::Result<StoredSnapshot> take(const SnapshotId& snapshot, const VolumeId& volume);
  common::Result<> remove(const VolumeId& volume);
  common::Result<> grant(const ExportGrant& wish);
  common::Result<> revoke(const VolumeId& volume, std::int64_t epoch);

  common::SimWorld& world_;
  common::SimRuntime& runtime_;
};

}  // namespace angophora::clc
