// What a node asks of the storage controller that keeps a volume.
//
// I/O thread only. Errors: Errc::unavailable and Errc::timed_out may pass; all others are the
// storage controller's definite refusal.
#pragma once

#include "common/base/result.h"
#include "common/runtime/runtime.h"
#include "nc/domain/attachment.h"

namespace angophora::nc {

using common::InstanceId;

// One attachment, as the storage controller was told of it.
struct ExportWish {
  ExportWish(InstanceId i, VolumeId v, std::int64_t e, StorageRef s)
      : instance(std::move(i)), volume(std::move(v)), epoch(e), storage(std::move(s)) {}
  InstanceId instance;
  VolumeId volume;
  std::int64_t epoch;
  StorageRef storage;
};

class StorageVolumes {
 public:
  virtual ~StorageVolumes() = default;
  // Where the volume is served; the same answer however often it is asked.
  virtual common::Task<VolumeExport> export_volume(ExportWish wish) = 0;
  // This node has let go of the volume.
  virtual common::Task<> unexport_volume(ExportWish wish) = 0;
};

}  // namespace angophora::nc
