// What guests write to volumes, and that it is there. Every block says who wrote it and when; the
// judge of tests/histories says what volumes, snapshots and volumes made of them may hold. A chunk
// of a volume counts as one block.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "clc/domain/snapshot.h"
#include "clc/domain/volume.h"
#include "tests/histories/model/volume_model.h"
#include "tests/sim/cloud.h"

namespace angophora::sim {

class VolumeContents {
 public:
  VolumeContents(Cloud& cloud, std::uint64_t seed) : cloud_(cloud), dice_(seed) {}

  // What the cloud controller knows.
  struct Rows {
    std::vector<clc::Volume> volumes;
    std::vector<clc::Snapshot> snapshots;
  };

  // Guests that have a volume write to it, `pause` in the mean between two writes.
  void begin_to_write(Duration pause);
  void calm_down() { busy_ = false; }
  // Looks at what all volumes hold, each second from now on.
  void begin_audits();
  std::uint64_t audits() const { return audits_; }
  // That a volume has not all of its bytes yet; empty when all have.
  std::string unsettled() const;

 private:
  struct SnapshotContents {
    std::shared_ptr<histories::SnapshotModel> model;
    bool taken = false;
  };

  void write_sometimes();
  void write(const VolumeId& id, std::int64_t epoch);
  void audit(const Rows& rows, histories::Tick asked);
  bool learn_volume(const clc::Volume& row);
  bool learn_snapshot(const clc::Snapshot& row);
  void check(const VolumeId& id, histories::VolumeModel& model);

  Cloud& cloud_;
  std::mt19937_64 dice_;  // its own: what others do does not depend on it
  bool busy_ = false;
  Duration pause_{};
  histories::Tick tick_ = 0, asked_ = 0;
  std::uint64_t audits_ = 0, next_number_ = 1;
  std::map<VolumeId, std::shared_ptr<histories::VolumeModel>> volumes_;
  std::map<SnapshotId, SnapshotContents> snapshots_;
};

}  // namespace angophora::sim
