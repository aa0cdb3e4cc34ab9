// Brings one pending snapshot to the object store.
#pragma once

#include <memory>
#include <string>

#include "sc/backends/volume_backend.h"
#include "sc/clients/snapshot_store.h"
#include "sc/domain/snapshot.h"
#include "sc/snapshots/figures.h"

namespace angophora::sc {

// How far an upload is. Shared with it.
struct UploadProgress {
  int percent = 0;
  bool cancelled = false;  // it is to end
};

// I/O thread. What it borrows outlives the runtime's coroutines.
class Upload {
 public:
  Upload(common::Runtime& runtime, VolumeBackend& backend, SnapshotStore& store,
         SnapshotFigures& figures)
      : runtime_(runtime), backend_(backend), store_(store), figures_(figures) {}

  // Returns "" when the object store has all of it, and a sentence when it can never have it.
  // Everything that was sent stays sent: after an error, also a crash, the next call goes on.
  // Errc::cancelled when it was told to end.
  Task<std::string> run(Snapshot snapshot, std::shared_ptr<UploadProgress> progress);

 private:
  Task<> send(Snapshot snapshot, std::uint32_t chunk);
  Task<ChunkMap> whole_map(Snapshot snapshot);
  Task<std::string> finish(Snapshot snapshot);
  Task<std::string> send_again(Snapshot snapshot, const ChunkMap& map,
                               std::vector<std::uint32_t> missing);

  common::Runtime& runtime_;
  VolumeBackend& backend_;
  SnapshotStore& store_;
  SnapshotFigures& figures_;
};

}  // namespace angophora::sc
