// The client's connections: opening them, keeping idle ones per peer.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "common/http/client.h"
#include "common/http/connection.h"

namespace angophora::http {

// Connections to one peer are alike; the wanted certificate is part of who the peer is.
struct PeerKey {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string peer_sha256;
  auto operator<=>(const PeerKey&) const = default;
};
std::string to_string(const PeerKey& key);  // host:port

class ClientPool {
 public:
  ClientPool(common::Runtime& runtime, ClientOptions options);

  // A kept connection that still looks alive, or null.
  std::unique_ptr<Connection> take(const PeerKey& key);
  Task<std::unique_ptr<Connection>> open(PeerKey key);
  // Keeps `connection`, on which everything is read, for the next request.
  void keep(const PeerKey& key, std::unique_ptr<Connection> connection);

  common::Runtime& runtime() { return runtime_; }

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    common::SteadyTime since;
  };

  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;
  Task<Endpoints> resolve(const PeerKey& key);
  Task<std::unique_ptr<Connection>> open_one(const PeerKey& key,
                                             boost::asio::ip::tcp::endpoint endpoint);
  void drop_old();

  common::Runtime& runtime_;
  ClientOptions options_;
  Result<TlsContext> tls_;
  std::map<PeerKey, std::vector<Idle>> idle_;
  common::SteadyTime swept_at_{};
};

}  // namespace angophora::http
