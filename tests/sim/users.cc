#include "tests/sim/users.h"

#include "clc/domain/instance_errors.h"

namespace angophora::sim {

using namespace std::chrono_literals;
using common::Errc;
using common::Error;

namespace {

constexpr Duration kPatience = 20s;
const char* const kAccounts[] = {"123456789012", "210987654321"};
const char* const kTypes[] = {"t2.nano", "t2.nano", "t2.micro", "t2.small", "t2.medium"};

// Errors after which a client tries again.
bool is_passing(const Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::timed_out ||
         error.code == Errc::cancelled;
}

}  // namespace

void Users::begin(Duration pause) {
  busy_ = true;
  pause_ = pause;
  live();
  live_with_volumes();
}

void Users::live() {
  if (!busy_) return;
  switch (world_.random_below(8)) {
    case 0:
    case 1:
    case 2:
      launch();
      break;
    case 3:
    case 4:
    case 5:
      terminate();
      break;
    case 6:
      reboot();
      break;
    default:
      break;
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(pause_).count();
  const auto pause = world_.random_below(2 * static_cast<std::uint64_t>(us));
  world_.call_at(world_.steady_now() + std::chrono::microseconds(pause), [this] { live(); });
}

void Users::launch() {
  const std::size_t count = 1 + world_.random_below(3);
  auto wish = std::make_shared<Wish>();
  wish->account = kAccounts[world_.random_below(std::size(kAccounts))];
  wish->action = "RunInstances";
  wish->parameters = {{"ImageId", Installed::image()},
                      {"MinCount", std::to_string(count)},
                      {"MaxCount", std::to_string(count)},
                      {"InstanceType", kTypes[world_.random_below(std::size(kTypes))]},
                      {"ClientToken", "token-" + std::to_string(next_token_++)}};
  wish->granted = [this, account = wish->account, count](const clc::Reply& reply) {
    remember(account, count, reply);
  };
  wish->denied = [this](const Error& error) {
    ++refused_;
    if (error.code != clc::InstanceErrc::insufficient_capacity)
      cloud_.trace.violate("RunInstances is refused: " + error.message);
  };
  pursue(std::move(wish));
}

void Users::remember(const std::string& account, std::size_t wanted, const clc::Reply& reply) {
  const auto items = reply.all("instancesSet/item");
  if (items.size() != wanted)
    cloud_.trace.violate("RunInstances promises " + std::to_string(items.size()) + " of " +
                         std::to_string(wanted) + " instances");
  for (const auto* item : items) {
    const InstanceId id(item->find("instanceId").value_or(""));
    Promise promise;
    promise.account = account;
    promise.private_ip = item->find("privateIpAddress").value_or("");
    promise.mac = item->find("networkInterfaceSet/item/macAddress").value_or("");
    if (!promises_.emplace(id, promise).second)
      cloud_.trace.violate(id.value + " is promised twice");
    cloud_.trace.note("user has " + id.value + " at " + promise.private_ip);
  }
}

InstanceId Users::pick(bool (*fits)(const Promise&)) {
  std::vector<InstanceId> all;
  for (const auto& [id, promise] : promises_)
    if (fits(promise)) all.push_back(id);
  return all.empty() ? InstanceId() : all[world_.random_below(all.size())];
}

void Users::terminate() {
  const auto id = pick([](const Promise& p) { return !p.end_asked; });
  if (id.empty()) return;
  auto& promise = promises_[id];
  promise.end_asked = true;
  auto wish = std::make_shared<Wish>();
  wish->account = promise.account;
  wish->action = "TerminateInstances";
  wish->parameters = {{"InstanceId.1", id.value}};
  wish->granted = [this, id](const clc::Reply&) {
    promises_[id].end_acked = true;
    cloud_.trace.note("user ended " + id.value);
  };
  wish->denied = [this, id](const Error& error) {
    cloud_.trace.violate("TerminateInstances of " + id.value + " is refused: " + error.message);
  };
  pursue(std::move(wish));
}

void Users::reboot() {
  const auto id = pick([](const Promise& p) { return !p.end_asked; });
  if (id.empty()) return;
  auto wish = std::make_shared<Wish>();
  wish->account = promises_[id].account;
  wish->action = "RebootInstances";
  wish->parameters = {{"InstanceId.1", id.value}};
  wish->granted = [](const clc::Reply&) {};
  wish->denied = [this, id](const Error& error) {
    if (error.code != clc::InstanceErrc::incorrect_state)
      cloud_.trace.violate("RebootInstances of " + id.value + " is refused: " + error.message);
  };
  pursue(std::move(wish));
}

void Users::pursue(WishPtr wish) {
  ++open_;
  cloud_.trace.note("user wants " + wish->action + " " + wish->parameters.front().second + " " +
                    wish->parameters.back().second);
  send(wish);
}

void Users::send(const WishPtr& wish) {
  const int attempt = ++wish->attempt;
  auto& network = cloud_.network;
  world_.call_at(world_.steady_now() + kPatience, [this, wish, attempt] {
    if (!wish->over && wish->attempt == attempt) send(wish);
  });
  auto arrive = [this, wish, attempt] {
    auto answered = [this, wish, attempt](common::Result<clc::Reply> reply) {
      auto& way_back = cloud_.network;
      if (way_back.chance(way_back.weather.loss_permille)) return;
      world_.call_at(world_.steady_now() + way_back.delay(),
                     [this, wish, attempt, reply] { receive(wish, attempt, reply); });
    };
    cloud_.call(wish->account, wish->action, wish->parameters, std::move(answered));
  };
  // Nothing doubles a user's request but the user.
  if (!network.chance(network.weather.loss_permille))
    world_.call_at(world_.steady_now() + network.delay(), std::move(arrive));
}

void Users::receive(const WishPtr& wish, int attempt, const common::Result<clc::Reply>& reply) {
  if (wish->over) return;
  if (!reply && is_passing(reply.error())) {
    if (wish->attempt != attempt) return;  // a later attempt is under way
    world_.call_at(world_.steady_now() + 1s, [this, wish, attempt] {
      if (!wish->over && wish->attempt == attempt) send(wish);
    });
    return;
  }
  wish->over = true;
  --open_;
  if (reply)
    wish->granted(reply.value());
  else
    wish->denied(reply.error());
}

}  // namespace angophora::sim
