// The volumes of the zone: their bytes in the backend, and the record that they must be there.
#pragma once

#include <optional>
#include <vector>

#include "common/db/database.h"
#include "sc/backends/volume_backend.h"

namespace angophora::sc {

// I/O thread only. Outlives the runtime's coroutines.
class Volumes {
 public:
  Volumes(db::Database& db, VolumeBackend& backend) : db_(db), backend_(backend) {}

  // Records volumes that were made by a version without records.
  Task<> start();

  // As VolumeBackend's. VolumeErrc::damaged when there was such a volume and its bytes are gone.
  Task<> create(VolumeId id, std::int64_t size_gib);
  Task<> create_from(VolumeId id, std::int64_t size_gib, ChunkMap source);
  Task<> remove(VolumeId id);
  // Volumes that are recorded and have no bytes, or another size, are listed with that damage.
  Task<std::vector<Volume>> list();
  // Errc::not_found when there is no such volume.
  Task<Volume> find(VolumeId id);
  Task<Pool> pool() { return backend_.pool(); }

 private:
  db::Database& db_;
  VolumeBackend& backend_;
};

}  // namespace angophora::sc
