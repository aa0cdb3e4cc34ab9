// The snapshots of the zone's volumes, and volumes that are made from snapshots.
//
// Threads:  I/O thread; calls for one volume take turns.
// Durable:  what a call answered is on disk before the answer.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "common/db/database.h"
#include "sc/exports/exports.h"
#include "sc/snapshots/filler.h"
#include "sc/snapshots/upload.h"

namespace angophora::sc {

class Snapshots {
 public:
  struct Parts {
    db::Database& db;
    VolumeBackend& backend;
    Volumes& volumes;
    Exports& exports;
    SnapshotStore& store;
  };
  // All outlive the runtime's coroutines.
  Snapshots(common::Runtime& runtime, Parts parts);

  // Goes on with what an earlier life has begun.
  Task<> start();

  // Takes the point in time. Errors as wsdl/storage.wsdl says.
  Task<Snapshot> create(SnapshotId id, VolumeId volume);
  Task<> remove(SnapshotId id);
  Task<> create_volume(VolumeId id, std::int64_t size_gib, SnapshotId from);
  // VolumeErrc::in_use while it is granted or snapshots of it are pending.
  Task<> remove_volume(VolumeId id);

  struct Report {
    Snapshot snapshot;
    int percent = 0;
  };
  Task<std::vector<Report>> report();
  const Filler& filler() const { return filler_; }
  const SnapshotFigures& figures() const { return figures_; }
  // That are on their way, and those of them whose last attempt failed.
  std::size_t pending() const;
  std::size_t waiting() const;

 private:
  struct Job {
    Snapshot snapshot;
    std::shared_ptr<UploadProgress> progress = std::make_shared<UploadProgress>();
    bool running = false;
    std::string trouble;  // why the last attempt was not the last
    common::SteadyTime next{};
  };

  Task<std::optional<Snapshot>> find(SnapshotId id);
  Task<> put(Snapshot snapshot);
  Task<> recover(Snapshot snapshot);
  Task<> take(Snapshot& snapshot);
  // Of its volume, in the order in which they were taken.
  std::vector<const Job*> pending_of(const VolumeId& volume) const;
  Task<> choose_base(Snapshot& snapshot);
  common::awaitable<void> keep_uploading();
  Job* next_job();
  common::awaitable<void> run(Job& job);
  // What is left to do for one job; success when it is over.
  Task<> work_on(Job& job);
  Task<> note_end(Job& job, std::string failure);
  Task<> clear(Snapshot snapshot);
  Task<> create_again(VolumeId id, std::int64_t size_gib);
  Task<> stop_job(SnapshotId id);

  common::Runtime& runtime_;
  Parts parts_;
  SnapshotFigures figures_;
  Upload upload_;
  Filler filler_;
  Turns turns_;
  std::map<SnapshotId, Job> jobs_;
  std::set<VolumeId> uploading_;
  common::Wake changed_;
};

}  // namespace angophora::sc
