// SnapshotStore in Walrus, over its routes for storage controllers, both sides pinned.
#pragma once

#include <functional>

#include "common/http/client.h"
#include "common/soap/peers.h"
#include "sc/clients/snapshot_store.h"

namespace angophora::sc {

class WalrusSnapshots final : public SnapshotStore {
 public:
  // How a request gets its answer; http::Client::send() but in simulations.
  using Send = std::function<Task<http::ClientResponse>(http::ClientRequest)>;
  // `peers` tells who Walrus is, and outlives this.
  WalrusSnapshots(common::Runtime& runtime, soap::PeerSource& peers, Send send)
      : runtime_(runtime), peers_(peers), send_(std::move(send)) {}

  Task<bool> has(ChunkName name) override;
  Task<> put(ChunkName name, std::string bytes) override;
  Task<std::string> get(ChunkName name) override;
  Task<std::vector<std::uint32_t>> put_map(SnapshotId id, ChunkMap map) override;
  Task<ChunkMap> get_map(SnapshotId id) override;
  Task<> remove(SnapshotId id) override;
  Task<std::uint64_t> hold(SnapshotId id, std::string holder) override;
  Task<> let_go(SnapshotId id, std::string holder) override;

 private:
  struct Answer {
    int status = 0;
    std::string body;
    std::string volume_bytes;  // of a hold
  };
  // Any answer but those of `accepted` is an error.
  Task<Answer> ask(std::string method, std::string target, std::string body,
                   std::vector<int> accepted, std::size_t bytes_max);

  common::Runtime& runtime_;
  soap::PeerSource& peers_;
  Send send_;
};

}  // namespace angophora::sc
