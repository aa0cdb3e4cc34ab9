#include "tests/sim/checks.h"

#include "clc/domain/addresses.h"
#include "clc/store/instances.h"

namespace angophora::sim {

using namespace std::chrono_literals;
using clc::InstanceState;

void Checks::look() {
  std::uint64_t changes = 0;
  for (const auto& node : cloud_.nodes()) changes += node->machine.changes;
  if (changes == seen_changes_) return;
  seen_changes_ = changes;
  look_at_guests();
  look_at_ports();
}

void Checks::look_at_guests() {
  std::map<InstanceId, std::string> running;
  std::map<std::string, InstanceId> macs;
  for (const auto& node : cloud_.nodes()) {
    const auto& name = node->machine.name;
    std::uint64_t memory_mib = 0, vcpus = 0;
    for (const auto& [id, guest] : node->machine.guests) {
      if (!guest.status.active) continue;
      memory_mib += guest.plan.memory_mib;
      vcpus += guest.plan.vcpus;
      if (const auto [at, fresh] = running.emplace(id, name); !fresh)
        cloud_.trace.violate(id.value + " runs on " + at->second + " and on " + name);
      if (const auto [at, fresh] = homes_.emplace(id, name); at->second != name)
        cloud_.trace.violate(id.value + " ran on " + at->second + " and starts on " + name);
      for (const auto& card : guest.plan.cards)
        if (const auto [at, fresh] = macs.emplace(card.mac_address, id); !fresh)
          cloud_.trace.violate(id.value + " and " + at->second.value + " both run with MAC " +
                               card.mac_address);
      const auto* known = row(id);
      if (known && known->state == InstanceState::terminated)
        cloud_.trace.violate(id.value + " is terminated and runs on " + name);
    }
    constexpr std::uint64_t kOvercommit = 4;
    if (memory_mib > node->total().memory_mib || vcpus > kOvercommit * node->total().vcpus)
      cloud_.trace.violate(name + " runs " + std::to_string(memory_mib) + " MiB with " +
                           std::to_string(vcpus) + " processors: more than it has");
  }
}

void Checks::look_at_ports() {
  std::map<std::string, InstanceId> addresses;
  for (const auto& node : cloud_.nodes())
    for (const auto& [id, port] : node->machine.network.ports)
      if (const auto [at, fresh] = addresses.emplace(port.private_ip, id);
          !fresh && at->second != id)
        cloud_.trace.violate(id.value + " and " + at->second.value + " both have the address " +
                             port.private_ip);
}

namespace {

common::awaitable<void> read_all(clc::Daemon& daemon,
                                 std::function<void(const std::vector<clc::Instance>&)> tell) {
  const auto list = [](clc::Tx& tx) { return clc::Instances(tx).list(clc::AccountId()); };
  const auto instances = co_await daemon.services().db.read(list);
  if (instances) tell(instances.value());
}

}  // namespace

void Checks::begin_audits() {
  if (auto* daemon = cloud_.clc().serving()) {
    auto tell = [this](const std::vector<clc::Instance>& all) { audit(all); };
    cloud_.clc().runtime().spawn("audit", read_all(*daemon, std::move(tell)));
  }
  cloud_.world.call_at(cloud_.world.steady_now() + 1s, [this] { begin_audits(); });
}

void Checks::audit(const std::vector<clc::Instance>& instances) {
  ++audits_;
  for (const auto& instance : instances) audit_one(instance);
  audit_addresses(instances);
  for (const auto& [id, promise] : users_.promises())
    if (!rows_.contains(id)) cloud_.trace.violate(id.value + " was promised and is lost");
}

void Checks::audit_one(const clc::Instance& instance) {
  const auto promise = users_.promises().find(instance.id);
  const bool is_promised = promise != users_.promises().end();
  const auto before = rows_.find(instance.id);
  const auto state = std::string(to_string(instance.state));
  if (before == rows_.end() || before->second.state != instance.state)
    cloud_.trace.note(instance.id.value + " is " + state + " on " + instance.node.value +
                      " placement " + std::to_string(instance.placement_no));
  if (before != rows_.end() && instance.state < before->second.state)
    cloud_.trace.violate(instance.id.value + " was " +
                         std::string(to_string(before->second.state)) + " and is " + state);
  rows_[instance.id] = instance;
  const bool is_ending = instance.state >= InstanceState::shutting_down;
  const bool may_end = (is_promised && promise->second.end_asked) || had_no_image(instance);
  if (is_ending && !may_end)
    cloud_.trace.violate(instance.id.value + " is " + state +
                         ", which nobody asked for: " + instance.reason.message);
  if (!is_promised || is_ending) return;
  if (promise->second.end_acked)
    cloud_.trace.violate(instance.id.value + " is " + state + " after its end was promised");
  if (clc::format_address(instance.private_ip) != promise->second.private_ip ||
      instance.mac != promise->second.mac)
    cloud_.trace.violate(instance.id.value + " does not have the address that was promised");
}

// It ended because its image was spoiled, and says so.
bool Checks::had_no_image(const clc::Instance& instance) const {
  return images_.may_be_unreadable(instance.image.value) &&
         instance.reason.message.find("since the image was registered") != std::string::npos;
}

void Checks::audit_addresses(const std::vector<clc::Instance>& instances) {
  std::map<std::uint32_t, InstanceId> addresses;
  std::map<std::string, InstanceId> macs;
  for (const auto& instance : instances) {
    if (!instance.holds_resources()) continue;
    if (!addresses.emplace(instance.private_ip, instance.id).second)
      cloud_.trace.violate(instance.id.value + " has an address that another one has");
    if (!macs.emplace(instance.mac, instance.id).second)
      cloud_.trace.violate(instance.id.value + " has a MAC that another one has");
  }
}

const clc::Instance* Checks::row(const InstanceId& id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

// --- once the faults have stopped ---

std::string Checks::unsettled() const {
  if (!users_.all_answered()) return "a user waits for an answer";
  for (const auto& [id, instance] : rows_)
    if (auto why = unsettled_instance(instance); !why.empty()) return why;
  for (auto& node : cloud_.nodes())
    if (auto why = leftovers(*node); !why.empty()) return why;
  return {};
}

std::string Checks::unsettled_instance(const clc::Instance& instance) const {
  const auto& id = instance.id;
  const auto promise = users_.promises().find(id);
  if (promise == users_.promises().end()) return id.value + " was made and never promised";
  const bool is_over = promise->second.end_asked || had_no_image(instance);
  const auto wanted = is_over ? InstanceState::terminated : InstanceState::running;
  if (instance.state != wanted)
    return id.value + " is " + std::string(to_string(instance.state)) + " on '" +
           instance.node.value + "' and should be " + std::string(to_string(wanted));
  if (wanted == InstanceState::terminated) return {};
  for (const auto& node : cloud_.nodes()) {
    if (node->machine.name != instance.node.value) continue;
    const auto guest = node->machine.guests.find(id);
    if (guest != node->machine.guests.end() && guest->second.status.active) return {};
  }
  return id.value + " counts as running and does not run on " + instance.node.value;
}

// Guests, disks and ports without an instance that runs there.
std::string Checks::leftovers(NcHost& node) const {
  auto& machine = node.machine;
  auto is_at_home = [&](const InstanceId& id) {
    const auto* known = row(id);
    return known && known->state == InstanceState::running && known->node.value == machine.name;
  };
  for (const auto& [id, guest] : machine.guests)
    if (!guest.status.id.empty() && !is_at_home(id))
      return id.value + " left a domain on " + machine.name;
  for (const auto& id : machine.disks.made)
    if (!is_at_home(id)) return id.value + " left its disk on " + machine.name;
  for (const auto& [id, port] : machine.network.ports)
    if (!is_at_home(id)) return id.value + " left its port on " + machine.name;
  return {};
}

}  // namespace angophora::sim
