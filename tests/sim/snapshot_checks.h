// What must hold of snapshots by the cloud controller's own word. Always: no promised snapshot is
// lost, and none ends in an error but for a full disk. Once the faults have stopped: every other
// one is completed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clc/domain/snapshot.h"
#include "tests/sim/users.h"

namespace angophora::sim {

class SnapshotChecks {
 public:
  SnapshotChecks(Cloud& cloud, Users& users) : cloud_(cloud), users_(users) {}

  // Looks at the database, each second from now on.
  void begin_audits();
  // What is not yet as it should be once all is over; empty when all is. By the last audit.
  std::string unsettled() const;
  // By the last audit.
  const std::map<SnapshotId, clc::Snapshot>& rows() const { return rows_; }

 private:
  void audit(const std::vector<clc::Snapshot>& snapshots);

  Cloud& cloud_;
  Users& users_;
  std::map<SnapshotId, clc::Snapshot> rows_;
};

}  // namespace angophora::sim
