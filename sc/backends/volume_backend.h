// Where the bytes of the volumes of one zone live.
//
// Threads:  the I/O thread calls; calls may overlap, also for one volume.
// Lifetime: outlives the runtime's coroutines.
// Units:    sizes are GiB, as in the EC2 API.
// Errors:   VolumeErrc for what the caller asked; Errc::io for what the disk could not do.
#pragma once

#include <optional>
#include <vector>

#include "common/runtime/runtime.h"
#include "sc/domain/volume.h"

namespace angophora::sc {

using common::Task;

class VolumeBackend {
 public:
  virtual ~VolumeBackend() = default;

  // Creates an empty volume of `size_gib`. Repeating the call with the same size changes nothing,
  // so a retry is safe; with another size it is VolumeErrc::size_mismatch. When it returns, the
  // volume survives a crash; a crash before leaves either the whole volume or none.
  virtual Task<> create(VolumeId id, std::int64_t size_gib) = 0;
  // Removes the volume; one that is not there counts as removed.
  virtual Task<> remove(VolumeId id) = 0;
  // The volume, or nothing.
  virtual Task<std::optional<Volume>> find(VolumeId id) = 0;
  // All volumes, by id.
  virtual Task<std::vector<Volume>> list() = 0;
  virtual Task<Pool> pool() = 0;
};

}  // namespace angophora::sc
