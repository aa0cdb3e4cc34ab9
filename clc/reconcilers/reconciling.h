// What the reconcilers of instances share. Everything outlives them.
#pragma once

#include "clc/clients/cluster_client.h"
#include "clc/clients/walrus_client.h"
#include "clc/domain/zones.h"
#include "clc/reconcilers/instance_table.h"
#include "clc/services.h"

namespace angophora::clc {

struct ReconcileTimes {
  Duration poll_wait = std::chrono::seconds(1);  // of the long poll
  Duration poll_retry = std::chrono::milliseconds(500);
  Duration look_around = std::chrono::seconds(1);       // without a wake, the loops look anyway
  Duration resend_after = std::chrono::seconds(3);      // of an order that shows no effect
  Duration refusal_pause = std::chrono::seconds(5);     // after the second refusal; then 4 times it
  Duration node_news_age = std::chrono::seconds(4);     // of a node that counts as reachable
  Duration lost_after = std::chrono::minutes(1);        // a running guest its node no longer knows
  Duration placement_limit = std::chrono::minutes(10);  // pending without finding room
  Duration terminated_shown = std::chrono::hours(1);
  Duration sweep_every = std::chrono::seconds(30);
};

// A pending instance that was refused this often, with pauses between, is given up.
inline constexpr std::int64_t kPlacementsMax = 5;

struct Reconciling {
  common::Runtime& runtime;
  db::Database& db;
  ClusterClient& clusters;
  WalrusClient& walrus;
  InstanceTable& table;
  Zones& zones;
  Changes& changes;
  ReconcileTimes times{};
};

}  // namespace angophora::clc
