#include "common/http/client_pool.h"

#include <netdb.h>

#include <boost/asio/ip/address.hpp>

#include "common/base/encoding.h"

namespace angophora::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using common::Errc;
using common::Error;

namespace {

// Shorter than servers commonly keep a connection, so that few requests meet one that just ended.
constexpr auto kIdleMax = std::chrono::seconds(50);
constexpr auto kSweepEvery = std::chrono::seconds(10);

// Blocks on the system's resolver.
Result<std::vector<tcp::endpoint>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failed) return Error(Errc::unavailable, "looking up " + host + ": " + ::gai_strerror(failed));
  std::vector<tcp::endpoint> endpoints;
  for (const auto* entry = found; entry; entry = entry->ai_next) {
    tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), entry->ai_addr, entry->ai_addrlen);
    endpoint.resize(entry->ai_addrlen);
    endpoint.port(port);
    endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(found);
  return endpoints;
}

}  // namespace

std::string to_string(const PeerKey& key) { return key.host + ":" + std::to_string(key.port); }

ClientPool::ClientPool(common::Runtime& runtime, ClientOptions options)
    : runtime_(runtime),
      options_(std::move(options)),
      tls_(client_tls_context(options_.tls, options_.trust_file)) {}

std::unique_ptr<Connection> ClientPool::take(const PeerKey& key) {
  drop_old();
  const auto found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  auto& kept = found->second;
  std::unique_ptr<Connection> alive;
  while (!alive && !kept.empty()) {
    if (kept.back().connection->is_quiet()) alive = std::move(kept.back().connection);
    kept.pop_back();
  }
  if (kept.empty()) idle_.erase(found);
  return alive;
}

void ClientPool::keep(const PeerKey& key, std::unique_ptr<Connection> connection) {
  if (!connection->is_quiet() || runtime_.stopping()) return;
  connection->expire_never();
  connection->received().shrink();
  auto& kept = idle_[key];
  if (kept.size() >= options_.idle_per_peer_max) return;
  Idle idle{std::move(connection), runtime_.steady_now()};
  kept.push_back(std::move(idle));
}

void ClientPool::drop_old() {
  const auto now = runtime_.steady_now();
  if (now - swept_at_ < kSweepEvery) return;
  swept_at_ = now;
  for (auto& [key, kept] : idle_)
    std::erase_if(kept, [&](const Idle& idle) { return now - idle.since > kIdleMax; });
  std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
}

Task<ClientPool::Endpoints> ClientPool::resolve(const PeerKey& key) {
  boost::system::error_code not_numeric;
  const auto address = asio::ip::make_address(key.host, not_numeric);
  if (!not_numeric) co_return Endpoints{tcp::endpoint(address, key.port)};
  auto job = [host = key.host, port = key.port] { return look_up(host, port); };
  co_return co_await runtime_.run_blocking(std::move(job));
}

Task<std::unique_ptr<Connection>> ClientPool::open(PeerKey key) {
  if (key.tls && !tls_) co_return tls_.error();
  CO_TRY(const Endpoints endpoints, co_await resolve(key));
  Error last(Errc::unavailable, key.host + " has no address");
  for (const auto& endpoint : endpoints) {
    auto connection = co_await open_one(key, endpoint);
    if (connection) co_return std::move(connection).value();
    last = std::move(connection).error();
    if (last.code == Errc::permission_denied) break;
  }
  co_return std::move(last).while_doing("connecting to " + to_string(key));
}

Task<std::unique_ptr<Connection>> ClientPool::open_one(const PeerKey& key, tcp::endpoint endpoint) {
  auto connection = std::make_unique<Connection>(runtime_, Socket(runtime_.executor()));
  connection->expire_after(options_.connect_timeout);
  CO_TRY_VOID(co_await connection->connect(endpoint));
  if (key.tls) {
    CO_TRY_VOID(co_await connection->start_tls(*tls_.value(), key.host));
    const std::string shown = sha256(connection->peer_certificate());
    if (!key.peer_sha256.empty() && !common::equal_constant_time(shown, key.peer_sha256))
      co_return Error(Errc::permission_denied,
                      "the peer shows another certificate than the "
                      "registered one");
  }
  co_return connection;
}

}  // namespace angophora::http
