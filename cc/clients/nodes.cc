#include "cc/clients/nodes.h"

#include <algorithm>

#include "cc/clients/node_report.h"
#include "common/log/log.h"

namespace angophora::cc {
namespace {

using namespace std::chrono_literals;
using common::awaitable;
using common::ServiceName;

constexpr auto kPollWait = 1000ms;  // the node answers after that at the latest
// More than the silence that is allowed: a slow answer is better than none.
constexpr auto kPollTimeout = 4s;
// After a failure, and between answers that bring no news. Longer for nodes that are known to be
// silent: there may be many.
constexpr auto kPollPause = 250ms;
constexpr auto kPollPauseSilent = 1s;
constexpr auto kPushTimeout = 10s;
constexpr auto kPushPause = 1s;
constexpr auto kPushIdle = 60s;

}  // namespace

Nodes::Nodes(common::Runtime& runtime, soap::Channel& channel, Zone& zone)
    : runtime_(runtime), channel_(channel), zone_(zone) {}

void Nodes::set_members(const std::vector<Member>& members) {
  zone_.set_members(members);
  std::map<NodeName, LoopsPtr> kept;
  for (const auto& member : members) {
    auto& loops = kept[member.name];
    if (const auto at = loops_.find(member.name); at != loops_.end()) {
      loops = at->second;
      continue;
    }
    loops = std::make_shared<Loops>(member.name);
    runtime_.spawn("poll " + member.name.value, poll(loops));
    runtime_.spawn("push " + member.name.value, push(loops));
  }
  for (auto& [name, loops] : loops_) {
    if (kept.contains(name)) continue;
    loops->gone = true;
    runtime_.cancel(loops->silence_timer);
    loops->news.notify();
  }
  loops_ = std::move(kept);
}

std::int64_t Nodes::set_network(t__networkDocument document) {
  if (network_ && network_->version >= document.version) return network_->version;
  network_ = std::make_shared<const t__networkDocument>(std::move(document));
  for (auto& [name, loops] : loops_) loops->news.notify();
  return network_->version;
}

awaitable<void> Nodes::poll(LoopsPtr loops) {
  const ServiceName to(loops->name.value);
  const soap::CallOptions options(kPollTimeout);
  bool answered = true;
  while (runs(*loops)) {
    node__DescribeNodeType request;
    request.knownBootId = loops->boot_id;
    request.knownGeneration = loops->generation;
    // After a failure we want to know at once whether the node is there again.
    request.waitMs = answered ? static_cast<int>(kPollWait.count()) : 0;
    const auto asked = runtime_.steady_now();
    auto answer =
        co_await soap::call<soap::node::DescribeNode>(channel_, to, std::move(request), options);
    if (!runs(*loops)) co_return;
    bool news = false;
    answered = answer.has_value();
    if (answer) {
      const auto& report = answer.assume_value().node;
      news = loops->boot_id != report.bootId || loops->generation != report.generation;
      heard(loops, answer.assume_value(), asked);
    } else {
      log::debug("node.no_answer", {{"node", loops->name}, {"error", answer.assume_error()}});
      zone_.unanswered(loops->name, answer.assume_error().message);
    }
    // A node that fails at once, or answers at once without news, must not keep us busy.
    const common::Duration pause = zone_.silent_at(loops->name) ? kPollPause : kPollPauseSilent;
    if (!news && runtime_.steady_now() - asked < pause) co_await runtime_.sleep_for(pause);
  }
}

void Nodes::heard(const LoopsPtr& loops, const node__DescribeNodeResponseType& answer,
                  common::SteadyTime asked) {
  if (!zone_.silent_at(loops->name)) log::info("node.reachable", {{"node", loops->name}});
  loops->boot_id = answer.node.bootId;
  loops->generation = answer.node.generation;
  if (asked >= loops->network_taken_at) loops->network_taken = 0;
  zone_.reported(loops->name, to_domain(answer), asked, runtime_.steady_now());
  watch_silence(loops);
  loops->news.notify();
}

void Nodes::watch_silence(const LoopsPtr& loops) {
  runtime_.cancel(loops->silence_timer);
  const auto when = zone_.silent_at(loops->name);
  if (!when) return;
  loops->silence_timer = runtime_.call_at(*when, [this, loops] {
    if (loops->gone) return;
    zone_.find_silent(runtime_.steady_now());
    log::warn("node.silent", {{"node", loops->name}});
  });
}

bool Nodes::needs_network(const Loops& loops) const {
  if (!network_ || !zone_.silent_at(loops.name)) return false;
  const auto reported = zone_.network_version(loops.name).value_or(0);
  return network_->version > std::max(reported, loops.network_taken);
}

awaitable<void> Nodes::push(LoopsPtr loops) {
  const ServiceName to(loops->name.value);
  const soap::CallOptions options(kPushTimeout);
  while (runs(*loops)) {
    if (!needs_network(*loops)) {
      co_await loops->news.wait(runtime_, kPushIdle);
      continue;
    }
    node__ApplyNetworkType request;
    request.network = *network_;
    const auto version = network_->version;
    auto answer =
        co_await soap::call<soap::node::ApplyNetwork>(channel_, to, std::move(request), options);
    if (!runs(*loops)) co_return;
    if (answer && answer.assume_value().appliedVersion >= version) {
      loops->network_taken = answer.assume_value().appliedVersion;
      loops->network_taken_at = runtime_.steady_now();
      continue;
    }
    if (!answer)
      log::warn("node.network_not_applied",
                {{"node", loops->name}, {"version", version}, {"error", answer.assume_error()}});
    co_await runtime_.sleep_for(kPushPause);
  }
}

}  // namespace angophora::cc
