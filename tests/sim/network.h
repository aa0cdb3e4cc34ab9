// The network between the daemons: carries typed messages and HTTP from process to process, and
// lets the world's seed decide how long each takes, whether it or its answer gets lost, and whether
// it comes twice.
//
// What a caller sees is what the real channel shows: silence is Errc::timed_out, a daemon that is
// not there or dies while it works is Errc::unavailable at once, though the order may stand.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "common/registry/table.h"
#include "common/runtime/sim_runtime.h"
#include "common/soap/channel.h"
#include "common/soap/dispatcher.h"
#include "tests/sim/trace.h"
#include "tests/sim/web.h"

namespace angophora::sim {

using common::Duration;
using common::ServiceName;
using soap::Role;

struct Weather {
  int loss_permille = 0;  // of requests and, separately, of answers
  int duplicate_permille = 0;
  Duration delay_max = std::chrono::milliseconds(2);
  int slow_permille = 0;  // of messages that take up to slow_max
  Duration slow_max = std::chrono::seconds(5);
};

class Network {
 public:
  Network(common::SimWorld& world, Trace& trace) : world_(world), trace_(trace) {}

  // What a process serves. `web` may be missing.
  void attach(const ServiceName& name, common::SimRuntime& runtime, soap::Dispatcher& dispatcher,
              Web web = nullptr);
  // The process is gone: those who wait for its answers see their connections break.
  void detach(const ServiceName& name);

  // Messages from `from` to `to` get lost from now on; the other way is another matter.
  void block(const ServiceName& from, const ServiceName& to) { blocked_.emplace(from, to); }
  void heal() { blocked_.clear(); }
  bool is_blocked(const ServiceName& from, const ServiceName& to) const {
    return blocked_.contains({from, to});
  }

  // One call, as its caller waits for it.
  template <class Reply>
  struct Call {
    common::Wake wake;
    std::optional<common::Result<Reply>> reply;
  };
  // What an answer does to the sender once it has arrived.
  using Arrival = std::function<void()>;
  struct Endpoint;
  struct Letter {
    ServiceName from, to;
    std::string what;  // for the trace
    // Does in the receiver's process what is asked.
    std::function<common::awaitable<Arrival>(const Endpoint&)> serve;
    std::function<Arrival(common::Error)> fail;
  };
  struct Endpoint {
    common::SimRuntime* runtime;
    soap::Dispatcher* dispatcher;
    Web web;
    std::map<std::uint64_t, Letter> working;
  };
  void send(Letter letter);

  Weather weather;
  bool chance(int permille) {
    return permille > 0 && world_.random_below(1000) < static_cast<std::uint64_t>(permille);
  }
  Duration delay();

 private:
  void deliver(const Letter& letter);
  void answer(const Letter& letter, Arrival done);
  static common::awaitable<void> serve(Network& network, Endpoint endpoint, Letter letter,
                                       std::uint64_t number);

  common::SimWorld& world_;
  Trace& trace_;
  std::map<ServiceName, Endpoint> endpoints_;
  std::set<std::pair<ServiceName, ServiceName>> blocked_;
  std::uint64_t next_ = 1;
};

// The channel of the component `self`. `table` says which registry it goes by, if any.
class NetworkChannel final : public soap::Channel {
 public:
  NetworkChannel(common::Runtime& runtime, Network& network, ServiceName self, Role role,
                 registry::RegistryTable* table = nullptr)
      : runtime_(runtime), network_(network), self_(std::move(self)), role_(role), table_(table) {}
  common::Task<soap::Message> exchange(const soap::Operation& operation, ServiceName to,
                                       soap::Message request, soap::CallOptions options) override;
  std::int64_t registry_version() const override { return table_ ? table_->version() : 0; }
  void heard_of_version(std::int64_t version) override {
    if (table_) table_->heard_of_version(version);
  }

 private:
  common::Runtime& runtime_;
  Network& network_;
  ServiceName self_;
  Role role_;
  registry::RegistryTable* table_;
};

// HTTP from `self` to `to`, whatever host a request names. As an http::Client sees it.
class NetworkWeb {
 public:
  NetworkWeb(common::Runtime& runtime, Network& network, ServiceName self, ServiceName to,
             http::Peer shown)
      : runtime_(runtime),
        network_(network),
        self_(std::move(self)),
        to_(std::move(to)),
        shown_(std::move(shown)) {}
  common::Task<http::ClientResponse> send(http::ClientRequest request);

 private:
  common::Runtime& runtime_;
  Network& network_;
  ServiceName self_, to_;
  http::Peer shown_;  // what the receiver sees of the sender
};

}  // namespace angophora::sim
