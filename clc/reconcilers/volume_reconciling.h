// What the reconcilers of volumes share. Everything outlives them.
#pragma once

#include <map>
#include <set>
#include <string>

#include "clc/clients/cluster_client.h"
#include "clc/clients/storage_client.h"
#include "clc/domain/zones.h"
#include "clc/services.h"

namespace angophora::clc {

struct VolumeTimes {
  Duration look_around = std::chrono::seconds(1);   // without a wake, the loops look anyway
  Duration resend_after = std::chrono::seconds(3);  // of an order that shows no effect
  Duration storage_poll = std::chrono::seconds(10);
  Duration forced_patience = std::chrono::seconds(10);  // with the node of a forced detach
  Duration lost_after = std::chrono::minutes(1);        // a volume that its node no longer reports
  Duration deleted_kept = std::chrono::hours(1);        // longer than any order can be late
};

struct VolumeReconciling {
  common::Runtime& runtime;
  db::Database& db;
  ClusterClient& clusters;
  StorageClient& storages;
  Zones& zones;
  StorageReports& reports;
  Changes& changes;
  VolumeTimes times{};
};

// Which orders are under way or were sent a moment ago, by what they are about. I/O thread only.
class Orders {
 public:
  // At most this many at a time: a storage controller that is slow must not fill the daemon.
  static constexpr std::size_t kUnderWayMax = 32;

  // True when the order may go out now; it is under way until done().
  bool begin(const VolumeId& volume, const std::string& what, common::SteadyTime now,
             Duration again_after) {
    if (under_way_.size() >= kUnderWayMax || under_way_.contains(volume)) return false;
    auto& next = next_[{volume, what}];
    if (now < next) return false;
    next = now + again_after;
    under_way_.insert(volume);
    return true;
  }
  // True when it is worth a warning: the first failure since the last success.
  bool done(const VolumeId& volume, bool succeeded) {
    under_way_.erase(volume);
    if (!succeeded) return failing_.insert(volume).second;
    failing_.erase(volume);
    return false;
  }
  // Forgets when orders went out that nothing in `wanted` asks for any more.
  void keep(const std::set<std::pair<VolumeId, std::string>>& wanted) {
    std::erase_if(next_, [&](const auto& entry) { return !wanted.contains(entry.first); });
    std::erase_if(failing_, [&](const VolumeId& id) {
      const auto at = wanted.lower_bound({id, std::string()});
      return at == wanted.end() || at->first != id;
    });
  }

 private:
  std::set<VolumeId> under_way_;
  std::set<VolumeId> failing_;
  std::map<std::pair<VolumeId, std::string>, common::SteadyTime> next_;
};

}  // namespace angophora::clc
