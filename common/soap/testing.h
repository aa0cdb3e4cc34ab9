// What the tests of this folder share: keys that are made once, a table of peers that stands still,
// signed requests.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/soap/peers.h"
#include "common/soap/wsse.h"

namespace angophora::soap::testing {

// A component with a key of its own; the same name always gets the same key.
const Self& self_named(const std::string& name);
Peer peer_of_self(const Self& self, Role role, std::uint16_t port = 0);

class FixedPeers final : public PeerSource {
 public:
  explicit FixedPeers(std::vector<Peer> peers)
      : peers_(std::make_shared<Peers>(std::move(peers), 1)) {}
  std::shared_ptr<const Peers> peers() const override { return peers_; }
  void replace(std::vector<Peer> peers) {
    peers_ = std::make_shared<Peers>(std::move(peers), peers_->version() + 1);
  }

 private:
  std::shared_ptr<const Peers> peers_;
};

// 2026-11-22T03:00:00Z
SysTime test_time();
// A request of cc-1 for GetConsoleOutput at node-1, created at test_time().
Addressing request_addressing();
std::string request_content();
std::string signed_request();
std::string signed_by(const Self& self, const Addressing& addressing, std::string_view content);

// Replaces the first occurrence; the test fails when there is none.
std::string replaced(std::string text, std::string_view what, std::string_view with);
// From the first `begin` to the end of the first `end` after it.
std::string piece(const std::string& text, std::string_view begin, std::string_view end);

}  // namespace angophora::soap::testing
