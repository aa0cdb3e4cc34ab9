// Volumes as sparse files in one folder: VOLUME-ID.raw, each as long as the volume is large. Thin:
// a block takes room when it is first written. VOLUME-ID.damage beside it says what the disk
// refused. Files whose name ends in .new are unfinished and removed at start.
#pragma once

#include <memory>
#include <string>

#include "sc/backends/volume_backend.h"

namespace angophora::sc {

class FileBackend final : public VolumeBackend {
 public:
  // Makes the folder where it is missing and removes what a crash left unfinished. Blocks. Errc
  // with the folder's name when it cannot be used.
  static Result<std::unique_ptr<FileBackend>> open(common::Runtime& runtime, std::string folder,
                                                   PoolLimits limits);

  Task<> create(VolumeId id, std::int64_t size_gib) override;
  Task<> remove(VolumeId id) override;
  Task<std::optional<Volume>> find(VolumeId id) override;
  Task<std::vector<Volume>> list() override;
  Task<Pool> pool() override;

 private:
  FileBackend(common::Runtime& runtime, std::string folder, PoolLimits limits)
      : runtime_(runtime), folder_(std::move(folder)), limits_(limits) {}

  common::Runtime& runtime_;
  std::string folder_;
  PoolLimits limits_;
};

}  // namespace angophora::sc
