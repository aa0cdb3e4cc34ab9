// All loops that make volumes and attachments what they should be: one set per availability zone
// that has, or has had, a storage controller.
#pragma once

#include <set>

#include "clc/reconcilers/attachment_work.h"
#include "clc/reconcilers/snapshot_work.h"
#include "clc/reconcilers/volume_work.h"

namespace angophora::clc {

class VolumeReconcilers {
 public:
  VolumeReconcilers(common::Runtime& runtime, db::Database& db, ClusterClient& clusters,
                    StorageClient& storages, Zones& zones, StorageReports& reports,
                    Changes& changes, VolumeTimes times = {})
      : shared_{runtime, db, clusters, storages, zones, reports, changes, times} {}

  // Starts the loops; they run until the daemon stops.
  Task<> start();

 private:
  common::awaitable<void> follow_registry();
  Task<> take_up_zones();

  VolumeReconciling shared_;
  std::set<ZoneName> running_;
};

}  // namespace angophora::clc
