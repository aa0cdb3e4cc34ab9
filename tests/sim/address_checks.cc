#include "tests/sim/address_checks.h"

#include "clc/domain/addresses.h"
#include "clc/store/instances.h"
#include "clc/store/public_addresses.h"

namespace angophora::sim {

using namespace std::chrono_literals;
using clc::InstanceState;

namespace {

using Tell =
    std::function<void(const std::vector<clc::PublicAddress>&, const std::vector<clc::Instance>&)>;
struct Found {
  std::vector<clc::PublicAddress> addresses;
  std::vector<clc::Instance> instances;
};

common::awaitable<void> read_addresses(clc::Daemon& daemon, Tell tell) {
  const auto list = [](clc::Tx& tx) -> common::Result<Found> {
    Found found;
    TRY(found.addresses, clc::PublicAddresses(tx).list(clc::AccountId()));
    TRY(found.instances, clc::Instances(tx).list(clc::AccountId()));
    return found;
  };
  const auto found = co_await daemon.services().db.read(list);
  if (found) tell(found.value().addresses, found.value().instances);
}

}  // namespace

void AddressChecks::begin_audits() {
  if (auto* daemon = cloud_.clc().serving()) {
    Tell tell = [this](const auto& addresses, const auto& instances) {
      audit(addresses, instances);
    };
    cloud_.clc().runtime().spawn("audit addresses", read_addresses(*daemon, std::move(tell)));
  }
  cloud_.world.call_at(cloud_.world.steady_now() + 1s, [this] { begin_audits(); });
}

void AddressChecks::audit(const std::vector<clc::PublicAddress>& addresses,
                          const std::vector<clc::Instance>& instances) {
  instances_.clear();
  for (const auto& instance : instances) instances_[instance.id] = instance;
  rows_.clear();
  std::map<InstanceId, std::string> holders;
  for (const auto& row : addresses) {
    const auto text = clc::format_address(row.address);
    rows_[text] = row;
    if (!row.is_associated()) continue;
    if (const auto [at, fresh] = holders.emplace(row.instance, text); !fresh)
      cloud_.trace.violate(row.instance.value + " has " + text + " and " + at->second);
    const auto instance = instances_.find(row.instance);
    if (instance == instances_.end() || instance->second.state == InstanceState::terminated)
      cloud_.trace.violate(text + " leads to " + row.instance.value + ", which is over");
    else if (instance->second.public_ip != row.address)
      cloud_.trace.violate(row.instance.value + " does not know of " + text);
  }
  for (const auto& [id, promise] : users_.addresses()) {
    const auto row = rows_.find(promise.public_ip);
    if (!promise.end_asked && (row == rows_.end() || row->second.allocation != id))
      cloud_.trace.violate(promise.public_ip + " was promised and is lost");
  }
}

// --- once the faults have stopped ---

std::string AddressChecks::look_for(const std::string& address, const InstanceId& wanted,
                                    const std::string& node) const {
  for (const auto& host : cloud_.nodes()) {
    bool has_it = false;
    for (const auto& instance : host->machine.network.document.instances) {
      if (instance.public_ip != address) continue;
      if (instance.id != wanted)
        return host->machine.name + " gives " + address + " to " + instance.id.value +
               ", not to '" + wanted.value + "'";
      has_it = true;
    }
    if (host->machine.name == node && !has_it) return node + " has not heard of " + address;
  }
  return {};
}

std::string AddressChecks::unsettled() const {
  for (const auto& [address, row] : rows_) {
    const auto instance = instances_.find(row.instance);
    const bool runs =
        instance != instances_.end() && instance->second.state == InstanceState::running;
    const auto node = runs ? instance->second.node.value : std::string();
    if (auto why = look_for(address, row.instance, node); !why.empty()) return why;
  }
  for (const auto& [id, promise] : users_.addresses()) {
    if (promise.end_asked || promise.is_unsure || promise.instance.empty()) continue;
    const auto instance = instances_.find(promise.instance);
    if (instance == instances_.end() || instance->second.state != InstanceState::running) continue;
    const auto row = rows_.find(promise.public_ip);
    if (row == rows_.end() || row->second.instance != promise.instance)
      return promise.public_ip + " was given to " + promise.instance.value + " and is not there";
  }
  return {};
}

std::string AddressChecks::unsettled_move() const {
  const auto moved = users_.addresses().find(users_.last_moved());
  if (moved == users_.addresses().end()) return "no address was moved";
  const auto& promise = moved->second;
  const auto instance = instances_.find(promise.instance);
  if (instance == instances_.end()) return promise.instance.value + " is unknown";
  return look_for(promise.public_ip, promise.instance, instance->second.node.value);
}

}  // namespace angophora::sim
