// Fetches the missing chunks of volumes that were made from snapshots: first those that somebody
// waits for, then all others.
//
// Threads:  I/O thread. Outlives the runtime's coroutines.
#pragma once

#include <map>
#include <memory>

#include "common/db/database.h"
#include "sc/backends/volume_backend.h"
#include "sc/clients/snapshot_store.h"
#include "sc/snapshots/figures.h"

namespace angophora::sc {

class Filler {
 public:
  Filler(common::Runtime& runtime, db::Database& db, VolumeBackend& backend, SnapshotStore& store,
         SnapshotFigures& figures)
      : runtime_(runtime), db_(db), backend_(backend), store_(store), figures_(figures) {}

  // Goes on with what an earlier life has begun.
  Task<> start();
  // The volume is there and has chunks missing.
  void add(VolumeId volume, SnapshotId source);
  // The volume goes; what it held is let go. Errc::unavailable when that could not be said.
  Task<> remove(VolumeId volume);

  // Missing chunks, as far as known; 0 for volumes that are whole.
  std::uint64_t missing(const VolumeId& volume) const;
  // Of all volumes together, and how many volumes those are.
  std::uint64_t missing() const;
  std::size_t volumes() const { return filling_.size(); }
  // Why they do not come; empty when they do.
  std::string trouble(const VolumeId& volume) const;

 private:
  struct Filling {
    SnapshotId source;
    std::shared_ptr<const ChunkMap> map;
    std::uint64_t missing = 0;
    bool failed = false;  // those that wait were told
    std::string trouble;
    common::SteadyTime next{};
  };
  struct Wish {
    VolumeId volume;
    std::uint32_t chunk = 0;
    ChunkName name{};
  };

  common::awaitable<void> keep_filling();
  // Whether there was anything to do.
  common::awaitable<bool> fill_some();
  Task<std::vector<Wish>> wishes_of(VolumeId volume);
  Task<> fetch(Wish wish);
  Task<> finish(VolumeId volume);
  common::awaitable<void> note(VolumeId volume, Result<> result);

  common::Runtime& runtime_;
  db::Database& db_;
  VolumeBackend& backend_;
  SnapshotStore& store_;
  SnapshotFigures& figures_;
  std::map<VolumeId, Filling> filling_;
  VolumeId last_;  // looked at
  common::Wake changed_;
};

}  // namespace angophora::sc
