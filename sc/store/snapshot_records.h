// Snapshots that were taken here, and what volumes have to do with snapshots.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "common/db/database.h"
#include "sc/domain/snapshot.h"

namespace angophora::sc {

// Within one transaction.
class SnapshotRecords {
 public:
  explicit SnapshotRecords(db::Tx& tx) : tx_(tx) {}

  Result<std::optional<Snapshot>> find(const SnapshotId& id);
  // In the order in which they were taken.
  Result<std::vector<Snapshot>> all();
  // Those that ended after `after`.
  Result<std::vector<Snapshot>> ended(common::SysTime after);
  // The whole row, whatever was there.
  Result<> put(const Snapshot& snapshot);
  Result<> remove(const SnapshotId& id);

  // What the volume's next snapshot differs from by what was written since; empty: nothing.
  Result<SnapshotId> base(const VolumeId& volume);
  Result<> set_base(const VolumeId& volume, const SnapshotId& base);
  Result<> forget_base(const SnapshotId& base);  // of all volumes

  // Which snapshot a volume is being filled from, and holds.
  Result<SnapshotId> source(const VolumeId& volume);
  Result<std::map<VolumeId, SnapshotId>> sources();
  Result<> set_source(const VolumeId& volume, const SnapshotId& source);

  Result<> forget_volume(const VolumeId& volume);  // its base and its source

 private:
  Result<std::vector<Snapshot>> list(db::Query q);
  Result<SnapshotId> one(db::Query q);
  db::Tx& tx_;
};

}  // namespace angophora::sc
