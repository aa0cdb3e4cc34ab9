// The driver EDGE: this node is router, firewall, DHCP and metadata point for its guests.
//
// Threads: I/O thread only; the host is changed on the pool by one job at a time, which takes along
// all that was asked until it began.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "common/runtime/runtime.h"
#include "nc/network/edge_host.h"
#include "nc/network/network.h"

namespace angophora::nc {

class EdgeNetwork final : public Network {
 public:
  // `runtime` outlives it.
  EdgeNetwork(common::Runtime& runtime, EdgeOptions options);
  ~EdgeNetwork() override;

  // Errc::invalid_argument for a MAC or address that is none, Errc::already_exists when another
  // instance has the address.
  common::Task<Port> add_port(common::InstanceId id, std::string mac_address,
                              std::string private_ip) override;
  common::Task<> remove_port(common::InstanceId id) override;
  common::Task<> apply(NetworkDocument document) override;
  // Also begins to look after all that is ours: when the kernel tells of a change by somebody else,
  // and every few seconds.
  common::Task<> adopt(std::vector<Port> live) override;
  std::string trouble() const override;
  std::string region() const override;
  std::optional<NetworkFacts> facts_of(const common::InstanceId& id) const override;
  std::int64_t applied_version() const override;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

// Removes all that EDGE ever made on this host; for `angophora-nc --purge-network`. Blocks.
common::Result<> purge_edge(const EdgeOptions& options);

}  // namespace angophora::nc
