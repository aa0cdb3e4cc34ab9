// What the cloud controller asks of the storage controllers, in its own words.
//
// Threads: I/O thread only.
// Errors:  Errc::unavailable when the storage controller cannot be reached, Errc::timed_out when it
//          did not answer in time and the order may have taken effect. is_definite_refusal() tells
//          those after which asking again is no use. All calls may be repeated.
#pragma once

#include <string>
#include <vector>

#include "clc/domain/storage_report.h"

namespace angophora::clc {

using common::Task;

// Who may open a volume from now on.
struct ExportGrant {
  VolumeId volume;
  InstanceId instance;
  NodeName node;
  std::int64_t epoch = 0;
};

class StorageClient {
 public:
  virtual ~StorageClient() = default;

  // With the bytes of a snapshot, of whatever zone, when it names one.
  virtual Task<> create_volume(ServiceName storage, VolumeId volume, std::int64_t size_gib,
                               SnapshotId snapshot) = 0;
  // One that is not there counts as removed.
  virtual Task<> delete_volume(ServiceName storage, VolumeId volume) = 0;
  // When it returns, the point in time is taken; the same one when it is asked for again.
  virtual Task<StoredSnapshot> create_snapshot(ServiceName storage, SnapshotId snapshot,
                                               VolumeId volume) = 0;
  // One that is not there counts as removed. Any zone's storage controller can do it.
  virtual Task<> delete_snapshot(ServiceName storage, SnapshotId snapshot) = 0;
  // Of all volumes and snapshots.
  virtual Task<StorageReport> describe_volumes(ServiceName storage) = 0;
  virtual Task<> grant_export(ServiceName storage, ExportGrant grant) = 0;
  // When it returns, nothing of this epoch and of lower ones is open or ever will be.
  virtual Task<> revoke_export(ServiceName storage, VolumeId volume, std::int64_t epoch) = 0;
};

// True when the storage controller looked at the request and said no; false when it is not known
// what became of it, or trying again may help.
bool is_definite_refusal(const common::Error& error);

}  // namespace angophora::clc
