#include "tests/sim/users.h"

#include "clc/domain/instance_errors.h"

namespace angophora::sim {

using namespace std::chrono_literals;
using common::Error;

namespace {

const char* const kTypes[] = {"t2.nano", "t2.nano", "t2.micro", "t2.small", "t2.medium"};

}  // namespace

void Users::begin(Duration pause) {
  busy_ = true;
  pause_ = volume_pause_ = pause;
  snapshot_pause_ = 2 * pause;
  live();
  live_with_volumes();
  live_with_snapshots();
  live_with_addresses();
}

void Users::launch_some() {
  for (const std::string account : kAccounts) launch(account, "t2.nano", 2);
}

void Users::begin_history(Duration pause) {
  busy_ = true;
  volume_pause_ = snapshot_pause_ = pause;
  pause_ = 20 * pause;
  live();
  live_with_volumes();
  live_with_snapshots();
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
  const std::string account = kAccounts[world_.random_below(std::size(kAccounts))];
  launch(account, kTypes[world_.random_below(std::size(kTypes))], count);
}

void Users::launch(const std::string& account, const std::string& type, std::size_t count) {
  const auto image = images_.pick_to_launch(account);
  auto wish = wishes_.action(account, "RunInstances",
                             {{"ImageId", image},
                              {"MinCount", std::to_string(count)},
                              {"MaxCount", std::to_string(count)},
                              {"InstanceType", type},
                              {"ClientToken", "token-" + std::to_string(next_token_++)}});
  const bool is_gone = images_.is_gone(image);
  wish->granted = [this, account, image, count, is_gone](const clc::Reply& reply) {
    if (is_gone) cloud_.trace.violate(image + " was deregistered and is launched");
    remember(account, image, count, reply);
  };
  wish->denied = [this, image](const Error& error) {
    ++refused_;
    if (error.code != clc::InstanceErrc::insufficient_capacity &&
        !images_.may_be_refused(image, error))
      cloud_.trace.violate("RunInstances of " + image + " is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

void Users::remember(const std::string& account, const std::string& image, std::size_t wanted,
                     const clc::Reply& reply) {
  const auto items = reply.all("instancesSet/item");
  if (items.size() != wanted)
    cloud_.trace.violate("RunInstances promises " + std::to_string(items.size()) + " of " +
                         std::to_string(wanted) + " instances");
  for (const auto* item : items) {
    const InstanceId id(item->find("instanceId").value_or(""));
    Promise promise;
    promise.account = account;
    promise.image = image;
    promise.private_ip = item->find("privateIpAddress").value_or("");
    promise.mac = item->find("networkInterfaceSet/item/macAddress").value_or("");
    if (!promises_.emplace(id, promise).second)
      cloud_.trace.violate(id.value + " is promised twice");
    cloud_.trace.note("user has " + id.value + " at " + promise.private_ip);
  }
}

InstanceId Users::pick(const std::function<bool(const Promise&)>& fits) {
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
  auto wish = wishes_.action(promise.account, "TerminateInstances", {{"InstanceId.1", id.value}});
  wish->granted = [this, id](const clc::Reply&) {
    promises_[id].end_acked = true;
    cloud_.trace.note("user ended " + id.value);
  };
  wish->denied = [this, id](const Error& error) {
    cloud_.trace.violate("TerminateInstances of " + id.value + " is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

void Users::reboot() {
  const auto id = pick([](const Promise& p) { return !p.end_asked; });
  if (id.empty()) return;
  auto wish =
      wishes_.action(promises_[id].account, "RebootInstances", {{"InstanceId.1", id.value}});
  wish->granted = [](const clc::Reply&) {};
  wish->denied = [this, id](const Error& error) {
    if (error.code != clc::InstanceErrc::incorrect_state)
      cloud_.trace.violate("RebootInstances of " + id.value + " is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

}  // namespace angophora::sim
