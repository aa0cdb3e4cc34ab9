#include "tests/sim/faults.h"

namespace angophora::sim {

using namespace std::chrono_literals;

Faults::Faults(Cloud& cloud, std::uint64_t seed)
    : cloud_(cloud), world_(cloud.world), storage_dice_(~seed) {
  weather_.loss_permille = static_cast<int>(pick({0, 10, 50, 200}));
  weather_.duplicate_permille = static_cast<int>(pick({0, 20, 200}));
  weather_.delay_max = std::chrono::milliseconds(pick({1, 20, 500}));
  weather_.slow_permille = static_cast<int>(pick({0, 20}));
  weather_.slow_max = std::chrono::seconds(pick({2, 12}));
  partition_mean_ = std::chrono::seconds(pick({0, 30}));
  disaster_mean_ = std::chrono::seconds(pick({0, 0, 90}));
  const auto slowness = std::chrono::milliseconds(pick({1, 200, 3000}));
  for (auto& node : cloud_.nodes()) node->machine.slowness = slowness;
  cloud_.walrus().slowness = slowness;
  constexpr int kStorageMeans[] = {0, 5, 20};
  storage_mean_ = std::chrono::seconds(kStorageMeans[storage_dice_() % 3]);
  const bool clocks_are_off = pick({0, 1}) != 0;
  for (auto* host : cloud_.hosts())
    if (clocks_are_off)
      host->clock_offset = std::chrono::milliseconds(world_.random_below(16'000)) - 8s;
}

std::uint64_t Faults::pick(std::initializer_list<std::uint64_t> choices) {
  return *(choices.begin() + world_.random_below(choices.size()));
}

Duration Faults::about(Duration mean) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(mean).count();
  return std::chrono::microseconds(1 + world_.random_below(2 * static_cast<std::uint64_t>(us)));
}

void Faults::begin() {
  on_ = true;
  cloud_.network.weather = weather_;
  for (auto* host : cloud_.hosts()) {
    const auto mean = std::chrono::seconds(pick({0, 60, 15}));
    if (mean > 0s) crash_sometimes(*host, mean);
  }
  if (partition_mean_ > 0s) later(partition_mean_, &Faults::partition_sometimes);
  if (disaster_mean_ > 0s) later(disaster_mean_, &Faults::disaster_sometimes);
  if (storage_mean_ > 0s) later(storage_mean_, &Faults::trouble_storage_sometimes);
}

void Faults::stop() {
  on_ = false;
  cloud_.trace.note("the faults stop");
  cloud_.network.heal();
  cloud_.network.weather = Weather();
  cloud_.sc().exports().failure.clear();
  cloud_.sc().volumes().failure.clear();
  for (auto& node : cloud_.nodes()) node->machine.slowness = 200ms;
  cloud_.walrus().slowness = 200ms;
  cloud_.start_all();
}

void Faults::later(Duration mean, void (Faults::*what)()) {
  world_.call_at(world_.steady_now() + about(mean), [this, what] {
    if (on_) (this->*what)();
  });
}

void Faults::crash(Host& host) {
  if (!host.is_up()) return;
  host.kill();
  for (auto& node : cloud_.nodes()) {
    if (node.get() != &host || world_.random_below(3) != 0) continue;
    cloud_.trace.note(node->machine.name + " loses its power");
    node->machine.lose_power();
  }
  world_.call_at(world_.steady_now() + about(std::chrono::seconds(pick({1, 10}))),
                 [&host] { host.start(); });
}

void Faults::crash_sometimes(Host& host, Duration mean) {
  world_.call_at(world_.steady_now() + about(mean), [this, &host, mean] {
    if (!on_) return;
    crash(host);
    crash_sometimes(host, mean);
  });
}

// Two who talk to each other no longer do, or only one way; or one host is alone.
void Faults::partition_sometimes() {
  const auto hosts = cloud_.hosts();
  auto& one = *hosts[world_.random_below(hosts.size())];
  const auto direction = world_.random_below(3);
  const bool alone = world_.random_below(2) == 0;
  auto& other = *hosts[world_.random_below(hosts.size())];
  for (auto* host : hosts) {
    if (host == &one || (!alone && host != &other)) continue;
    if (direction != 1) cloud_.network.block(one.name(), host->name());
    if (direction != 2) cloud_.network.block(host->name(), one.name());
  }
  cloud_.trace.note("the network of " + one.name().value + " breaks");
  const auto lasts = about(std::chrono::seconds(pick({2, 20})));
  world_.call_at(world_.steady_now() + lasts, [this] { cloud_.network.heal(); });
  later(partition_mean_, &Faults::partition_sometimes);
}

void Faults::trouble_storage_sometimes() {
  trouble_storage();
  later(storage_mean_, &Faults::trouble_storage_sometimes);
}

void Faults::trouble_storage() {
  auto& storage = cloud_.sc();
  const auto lasts = std::chrono::milliseconds(storage_dice_() % 5000);
  const auto what = storage_dice_() % 6;
  const auto which = storage_dice_();
  if (what < 2) {
    const auto& serving = storage.exports().serving;
    if (serving.empty()) return;
    const auto id =
        std::next(serving.begin(), static_cast<std::ptrdiff_t>(which % serving.size()))->first;
    cloud_.trace.note("the server of " + id.value + " dies");
    storage.exports().die(id);
  } else if (what < 4) {
    auto& clients = cloud_.nodes()[which % 3]->machine.volume_clients.clients;
    if (clients.empty()) return;
    const auto at = std::next(clients.begin(), static_cast<std::ptrdiff_t>(which % clients.size()));
    cloud_.trace.note("a client of " + at->first.volume.value + " dies");
    at->second.runs = false;
  } else if (what == 4) {
    cloud_.trace.note("exports fail");
    storage.exports().failure = "input/output error";
    world_.call_at(world_.steady_now() + lasts, [&storage] { storage.exports().failure.clear(); });
  } else {
    cloud_.trace.note("the disk is full");
    storage.volumes().failure = kDiskFull;
    world_.call_at(world_.steady_now() + lasts, [&storage] { storage.volumes().failure.clear(); });
  }
}

void Faults::disaster_sometimes() {
  cloud_.trace.note("everything dies");
  for (auto* host : cloud_.hosts()) crash(*host);
  later(disaster_mean_, &Faults::disaster_sometimes);
}

}  // namespace angophora::sim
