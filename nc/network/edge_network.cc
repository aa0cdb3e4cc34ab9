#include "nc/network/edge_network.h"

#include <chrono>

#include "common/log/log.h"
#include "nc/network/addresses.h"
#include "nc/network/kernel_news.h"

namespace angophora::nc {

using common::awaitable;
using common::Errc;
using common::Error;
using common::InstanceId;
using common::Result;
using common::Task;
using namespace std::chrono_literals;

// Outlives the EdgeNetwork while a job or the watch is under way.
struct EdgeNetwork::Shared {
  Shared(common::Runtime& r, EdgeOptions options)
      : runtime(r), host(std::make_shared<EdgeHost>(std::move(options))) {}

  common::Runtime& runtime;
  std::shared_ptr<EdgeHost> host;
  bool closed = false;

  // What is wanted.
  NetworkDocument document;
  std::map<InstanceId, NetworkFacts> facts;  // of the document
  std::map<InstanceId, Port> ports;
  std::uint64_t wanted = 0;  // counts the wishes

  // What was done last.
  bool busy = false;
  common::Wake idle;
  std::uint64_t settled = 0;  // the wishes that the last job took along
  std::optional<Error> failure;
  EdgeHost::PortFailures port_failures;
  bool announcing = false;  // the next job has something to repeat
  std::int64_t version_in_force = 0;

  // What was heard of others' changes.
  common::Wake news;
  bool rules_touched = false;

  void take(NetworkDocument wish) {
    document = std::move(wish);
    facts = facts_in(document);
  }
  EdgeState state() const {
    EdgeState out{document, {}};
    for (const auto& [id, port] : ports) out.ports.push_back(port);
    return out;
  }
};

namespace {

// Frees the turn however its holder leaves.
class Turn {
 public:
  Turn(bool& busy, common::Wake& idle) : busy_(busy), idle_(idle) { busy_ = true; }
  ~Turn() {
    busy_ = false;
    idle_.notify();
  }
  Turn(const Turn&) = delete;

 private:
  bool& busy_;
  common::Wake& idle_;
};

template <class S>
awaitable<void> run_job(std::shared_ptr<S> s, bool check_tables) {
  const Turn turn(s->busy, s->idle);
  const auto wishes = s->wanted;
  const auto state = std::make_shared<const EdgeState>(s->state());
  const auto announcing = std::make_shared<bool>(false);
  const auto job = [host = s->host, state, check_tables, announcing] {
    if (check_tables) host->check_tables();
    auto done = host->converge(*state);
    *announcing = host->is_announcing();
    return done;
  };
  auto result = co_await s->runtime.run_blocking(job);
  s->announcing = *announcing;
  s->settled = wishes;
  s->failure.reset();
  s->port_failures.clear();
  if (result) {
    s->port_failures = std::move(result).value();
    s->version_in_force = state->document.version;
  } else {
    s->failure = std::move(result).error();
  }
}

// Returns when the host matches all that was wanted at the call, or with why it does not.
template <class S>
Task<> settle(std::shared_ptr<S> s) {
  const auto mine = ++s->wanted;
  while (s->settled < mine) {
    if (s->busy) {
      if (s->runtime.stopping())
        co_return Error(Errc::cancelled, "the node controller is stopping");
      co_await s->idle.wait(s->runtime, 10s);
      continue;
    }
    co_await run_job(s, false);
  }
  if (s->failure) co_return *s->failure;
  co_return common::ok();
}

constexpr auto kCheckEvery = 5s;
constexpr auto kAnnounceEvery = 1s;
constexpr auto kTablesEvery = 30s;   // listing large tables costs more than the rest
constexpr auto kCheckPause = 250ms;  // at least, however much is heard

template <class S>
void hear_of_changes(const std::shared_ptr<S>& s) {
  const auto tell = [weak = std::weak_ptr<S>(s)](KernelNews news) {
    const auto alive = weak.lock();
    if (!alive) return;
    if (news == KernelNews::rules) alive->rules_touched = true;
    alive->news.notify();
  };
  const auto following = follow_kernel(s->runtime, tell);
  if (following) return;
  log::warn("network.no_news", {{"error", following.error()},
                                {"effect", "what others change is put right some seconds later"}});
}

// Starts what died, writes anew what somebody changed, tries again what failed: at once when the
// kernel tells of a change, and every few seconds in any case. Our own changes are heard of as
// well; the look that follows finds all in place and changes nothing.
template <class S>
awaitable<void> watch(std::shared_ptr<S> s) {
  auto& runtime = s->runtime;
  auto tables_at = runtime.steady_now() + kTablesEvery;
  std::uint64_t heard = 0;
  for (;;) {
    const common::Duration pause = s->announcing ? kAnnounceEvery : kCheckEvery;
    co_await s->news.wait(runtime, pause, heard);
    while (s->busy && !runtime.stopping()) co_await s->idle.wait(runtime, 10s);
    if (runtime.stopping() || s->closed) co_return;
    heard = s->news.notified();
    const bool tables = s->rules_touched || runtime.steady_now() >= tables_at;
    s->rules_touched = false;
    const bool failed_before = s->failure.has_value();
    co_await run_job(s, tables);
    if (tables && !s->failure) tables_at = runtime.steady_now() + kTablesEvery;
    if (tables && s->failure) s->rules_touched = true;
    if (s->failure && !failed_before) log::error("network.failed", {{"error", *s->failure}});
    co_await runtime.sleep_for(kCheckPause);
  }
}

}  // namespace

EdgeNetwork::EdgeNetwork(common::Runtime& runtime, EdgeOptions options)
    : shared_(std::make_shared<Shared>(runtime, std::move(options))) {}

EdgeNetwork::~EdgeNetwork() { shared_->closed = true; }

Task<Port> EdgeNetwork::add_port(InstanceId id, std::string mac_address, std::string private_ip) {
  auto s = shared_;
  const auto mac = parse_mac(mac_address);
  const auto address = parse_ipv4(private_ip);
  if (!is_plain_id(id.value) || !mac || !address)
    co_return Error(Errc::invalid_argument, "instance " + id.value + " cannot have the card " +
                                                mac_address + " with address " + private_ip);
  const Port wish{id, *mac, format_ipv4(*address), tap_name(id)};
  for (const auto& [other, port] : s->ports)
    if (other != id && (port.private_ip == wish.private_ip || port.tap == wish.tap))
      co_return Error(Errc::already_exists, "address " + wish.private_ip + " or interface " +
                                                wish.tap + " belongs to instance " + other.value);
  const auto known = s->ports.find(id);
  if (known == s->ports.end() || known->second.private_ip != wish.private_ip ||
      known->second.mac_address != wish.mac_address)
    s->ports[id] = wish;
  CO_TRY_VOID(co_await settle(s));
  const auto failed = s->port_failures.find(id);
  if (failed != s->port_failures.end()) co_return failed->second;
  const auto made = s->ports.find(id);
  if (made == s->ports.end())
    co_return Error(Errc::cancelled, "the port of " + id.value + " was removed meanwhile");
  co_return made->second;
}

Task<> EdgeNetwork::remove_port(InstanceId id) {
  auto s = shared_;
  s->ports.erase(id);
  CO_TRY_VOID(co_await settle(s));
  co_return common::ok();
}

Task<> EdgeNetwork::apply(NetworkDocument document) {
  auto s = shared_;
  if (document.version < s->document.version) co_return common::ok();
  if (document.version > s->document.version) {
    CO_TRY_VOID(check_document(document));
    for (const auto& rule : unusable_rules(document))
      log::warn("network.rule_left_out", {{"rule", rule}, {"effect", "that traffic stays closed"}});
    s->take(document);
  }
  CO_TRY_VOID(co_await settle(s));
  // Guests have their rules; a full disk only costs the next start its memory of them.
  const auto copy = std::make_shared<const NetworkDocument>(std::move(document));
  const auto store = [host = s->host, copy] { return host->store_document(*copy); };
  const auto stored = co_await s->runtime.run_blocking(store);
  if (!stored) log::warn("network.document_not_stored", {{"error", stored.error()}});
  co_return common::ok();
}

Task<> EdgeNetwork::adopt(std::vector<Port> live) {
  auto s = shared_;
  const auto prepare = [host = s->host]() -> Result<std::optional<NetworkDocument>> {
    TRY_VOID(host->prepare());
    return host->load_document();
  };
  CO_TRY(auto document, co_await s->runtime.run_blocking(prepare));
  if (document && document->version > s->document.version && check_document(*document))
    s->take(std::move(*document));
  for (auto& port : live) {
    if (port.tap.empty()) port.tap = tap_name(port.instance);
    const auto id = port.instance;
    s->ports[id] = std::move(port);
  }
  hear_of_changes(s);
  auto settled = co_await settle(s);
  s->runtime.spawn("network.watch", watch(s));
  co_return settled;
}

std::string EdgeNetwork::trouble() const {
  return shared_->failure ? "the guests' network: " + shared_->failure->message : "";
}

std::string EdgeNetwork::region() const { return shared_->document.region; }

std::optional<NetworkFacts> EdgeNetwork::facts_of(const InstanceId& id) const {
  const auto found = shared_->facts.find(id);
  if (found == shared_->facts.end()) return std::nullopt;
  return found->second;
}

std::int64_t EdgeNetwork::applied_version() const { return shared_->version_in_force; }

Result<> purge_edge(const EdgeOptions& options) { return EdgeHost(options).purge(); }

}  // namespace angophora::nc
