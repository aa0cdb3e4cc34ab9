// Has one zone's snapshots taken and removed by its storage controller, and follows their way to
// the object store. Each pass looks at everything anew, and all orders may be repeated.
#pragma once

#include <memory>
#include <set>

#include "clc/domain/service.h"
#include "clc/domain/snapshot.h"
#include "clc/reconcilers/volume_work.h"

namespace angophora::clc {

class SnapshotWork : public std::enable_shared_from_this<SnapshotWork> {
 public:
  // `volumes` asks the zone's storage controller for what it has.
  SnapshotWork(VolumeReconciling& shared, ZoneName zone, std::shared_ptr<VolumeWork> volumes)
      : shared_(shared), zone_(std::move(zone)), volumes_(std::move(volumes)) {}

  // Both until the daemon stops; they own `self`.
  static common::awaitable<void> run(std::shared_ptr<SnapshotWork> self);
  static common::awaitable<void> run_follow(std::shared_ptr<SnapshotWork> self);
  // Sends the orders that are due; run() calls it.
  Task<> pass();
  // Takes over what the storage controller reports, and asks it while anything is on its way;
  // run_follow() calls it.
  Task<> follow();

 private:
  static common::awaitable<void> carry_out(std::shared_ptr<SnapshotWork> self, ServiceName storage,
                                           Snapshot snapshot);
  Task<> take(ServiceName storage, Snapshot snapshot);
  Task<> remove(ServiceName storage, Snapshot snapshot);
  Task<> note(Snapshot snapshot, StoredSnapshot stored);
  Task<> settle(Snapshot snapshot, SnapshotEvent event, std::string reason);
  Task<> take_over(StorageReport report);
  Task<> remove_late_comer(SnapshotId id);

  VolumeReconciling& shared_;
  ZoneName zone_;
  std::shared_ptr<VolumeWork> volumes_;
  OrdersOf<SnapshotId> orders_;
  common::SteadyTime taken_over_{};  // the last report that was
  std::set<SnapshotId> unknown_;
  std::set<SnapshotId> missing_;  // taken, and not in the report that came afterwards
};

}  // namespace angophora::clc
