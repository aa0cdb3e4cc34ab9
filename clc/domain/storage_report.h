// What a zone's storage controller last said about its volumes. Kept in memory only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clc/domain/ids.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

// A volume as its storage controller has it.
struct StoredVolume {
  VolumeId id;
  std::int64_t size_gib = 0;
  std::string damage;  // what is wrong with its bytes; empty when nothing is
};

// A snapshot as the storage controller that takes it has it.
struct StoredSnapshot {
  enum class State { pending, completed, error };
  SnapshotId id;
  State state = State::pending;
  std::int64_t progress = 0;  // percent
  std::string reason;         // of an error
  common::SysTime started_at{};
};

struct StorageReport {
  std::vector<StoredVolume> volumes;
  // Pending ones, and those that ended lately.
  std::vector<StoredSnapshot> snapshots;
  std::int64_t capacity_gib = 0;
  std::int64_t used_gib = 0;
  common::SteadyTime received_at{};

  const StoredVolume* find(const VolumeId& id) const {
    for (const auto& volume : volumes)
      if (volume.id == id) return &volume;
    return nullptr;
  }
};

// A report older than this says nothing about the volumes of a zone.
inline constexpr common::Duration kStorageReportAgeMax = std::chrono::seconds(30);

// The last report of each zone. I/O thread only.
class StorageReports {
 public:
  void set(const ZoneName& zone, StorageReport report) { reports_[zone] = std::move(report); }
  // Null when there is none, or the last one is too old.
  const StorageReport* find(const ZoneName& zone, common::SteadyTime now) const {
    const auto found = reports_.find(zone);
    if (found == reports_.end() || now - found->second.received_at > kStorageReportAgeMax)
      return nullptr;
    return &found->second;
  }

 private:
  std::map<ZoneName, StorageReport> reports_;
};

}  // namespace angophora::clc
