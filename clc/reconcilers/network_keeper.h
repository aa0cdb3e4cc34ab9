// Makes the network document out of instances and security groups, gives it a version whenever it
// differs from the last one, and sees to it that every zone's cluster controller and nodes get it.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "clc/domain/network_document.h"
#include "clc/reconcilers/reconciling.h"

namespace angophora::clc {

struct NetworkSettings {
  InstanceNetwork network;
  // As they are now; without it there are none, and nodes answer themselves.
  std::function<std::vector<std::string>()> dns_servers;
  std::string dns_domain = "angophora.internal";
  std::string region;
};

class NetworkKeeper {
 public:
  NetworkKeeper(Reconciling& shared, NetworkSettings settings)
      : shared_(shared), settings_(std::move(settings)) {}

  // Builds, until the daemon stops.
  common::awaitable<void> run();
  // Sends to one zone, until it is gone or the daemon stops.
  common::awaitable<void> run_zone(ZoneName zone, std::shared_ptr<bool> over);

  // Builds the document afresh; its version is raised only when it differs.
  Task<> build();
  // Null before the first build().
  std::shared_ptr<const NetworkDocument> current() const { return current_; }

 private:
  struct Sent {
    std::int64_t version = 0;
    std::string cluster_boot_id;
    common::SteadyTime at{};
  };
  bool needs_sending(const KnownZone& zone, const Sent& sent) const;

  Reconciling& shared_;
  NetworkSettings settings_;
  std::shared_ptr<const NetworkDocument> current_;
  common::Wake built_;
};

}  // namespace angophora::clc
