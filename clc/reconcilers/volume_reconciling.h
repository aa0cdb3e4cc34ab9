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
  Duration snapshot_poll = std::chrono::seconds(1);  // while any is on its way to the object store
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
template <class Id>
class OrdersOf {
 public:
  // At most this many at a time: a storage controller that is slow must not fill the daemon.
  static constexpr std::size_t kUnderWayMax = 32;

  // True when the order may go out now; it is under way until done().
  bool begin(const Id& id, const std::string& what, common::SteadyTime now, Duration again_after) {
    if (under_way_.size() >= kUnderWayMax || under_way_.contains(id)) return false;
    auto& next = next_[{id, what}];
    if (now < next) return false;
    next = now + again_after;
    under_way_.insert(id);
    return true;
  }
  // True when it is worth a warning: the first failure since the last success.
  bool done(const Id& id, bool succeeded) {
    under_way_.erase(id);
    if (!succeeded) return failing_.insert(id).second;
    failing_.erase(id);
    return false;
  }
  // Forgets when orders went out that nothing in `wanted` asks for any more.
  void keep(const std::set<std::pair<Id, std::string>>& wanted) {
    std::erase_if(next_, [&](const auto& entry) { return !wanted.contains(entry.first); });
    std::erase_if(failing_, [&](const Id& id) {
      const auto at = wanted.lower_bound({id, std::string()});
      return at == wanted.end() || at->first != id;
    });
  }

 private:
  std::set<Id> under_way_;
  std::set<Id> failing_;
  std::map<std::pair<Id, std::string>, common::SteadyTime> next_;
};

using Orders = OrdersOf<VolumeId>;

}  // namespace angophora::clc
