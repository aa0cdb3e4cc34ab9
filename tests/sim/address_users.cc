#include "clc/domain/address_errors.h"
#include "clc/domain/instance_errors.h"
#include "tests/sim/users.h"

// What the users do with elastic addresses: each account one thing after the other, so that it
// knows what it has to be true in the end.

namespace angophora::sim {

using clc::AddressErrc;
using clc::InstanceErrc;
using common::Error;

void Users::live_with_addresses() {
  if (!busy_) return;
  const std::string account = kAccounts[world_.random_below(std::size(kAccounts))];
  if (!changes_addresses_.contains(account)) {
    switch (world_.random_below(8)) {
      case 0:
      case 1:
        allocate_address(account);
        break;
      case 2:
        release_address(account);
        break;
      case 3:
        disassociate_address(account);
        break;
      default:
        (void)associate_address(account);
        break;
    }
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(pause_).count();
  const auto pause = world_.random_below(3 * static_cast<std::uint64_t>(us));
  world_.call_at(world_.steady_now() + std::chrono::microseconds(pause),
                 [this] { live_with_addresses(); });
}

void Users::change_address(const std::string& account, std::string action, Cloud::Pairs pairs,
                           std::function<void(const clc::Reply&)> granted,
                           std::function<bool(const Error&)> may_fail) {
  changes_addresses_.insert(account);
  auto wish = wishes_.action(account, action, std::move(pairs));
  wish->granted = [this, account, granted](const clc::Reply& reply) {
    changes_addresses_.erase(account);
    granted(reply);
  };
  wish->denied = [this, account, action, may_fail](const Error& error) {
    changes_addresses_.erase(account);
    if (!may_fail(error)) cloud_.trace.violate(action + " is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

// EC2 has no token for it: an answer that is lost may be of an address that nobody knows of.
void Users::allocate_address(const std::string& account) {
  change_address(
      account, "AllocateAddress", {{"Domain", "vpc"}},
      [this, account](const clc::Reply& reply) {
        const AllocationId id(reply.find("allocationId").value_or(""));
        const auto address = reply.find("publicIp").value_or("");
        for (const auto& [other, promise] : addresses_)
          if (promise.public_ip == address && !promise.end_asked)
            cloud_.trace.violate(address + " is promised twice");
        addresses_[id] = {account, address, InstanceId(), false};
        cloud_.trace.note("user has " + address);
      },
      [](const Error& error) {
        return error.code == AddressErrc::limit_exceeded ||
               error.code == AddressErrc::insufficient_capacity;
      });
}

AllocationId Users::pick_address(const std::string& account) {
  std::vector<AllocationId> all;
  for (const auto& [id, promise] : addresses_)
    if (promise.account == account && !promise.end_asked) all.push_back(id);
  return all.empty() ? AllocationId() : all[world_.random_below(all.size())];
}

bool Users::associate_address(const std::string& account) {
  const auto id = pick_address(account);
  std::vector<InstanceId> mine;
  for (const auto& [instance, promise] : promises_)
    if (promise.account == account && !promise.end_asked) mine.push_back(instance);
  if (id.empty() || mine.empty()) return false;
  const auto instance = mine[world_.random_below(mine.size())];
  change_address(
      account, "AssociateAddress", {{"AllocationId", id.value}, {"InstanceId", instance.value}},
      [this, id, instance](const clc::Reply&) {
        for (auto& [other, promise] : addresses_)
          if (promise.instance == instance) promise.instance = InstanceId();
        addresses_[id].instance = instance;
        addresses_[id].is_unsure = false;
        last_moved_ = id;
        cloud_.trace.note("user gave " + addresses_[id].public_ip + " to " + instance.value);
      },
      [this, id](const Error& error) {
        // It ends, and where an answer was lost the address may lead anywhere.
        addresses_[id].instance = InstanceId();
        addresses_[id].is_unsure = true;
        return error.code == InstanceErrc::incorrect_state || error.code == InstanceErrc::not_found;
      });
  return true;
}

bool Users::move_an_address() {
  last_moved_ = AllocationId();
  for (const std::string account : kAccounts)
    if (!changes_addresses_.contains(account) && associate_address(account)) return true;
  return false;
}

void Users::disassociate_address(const std::string& account) {
  const auto id = pick_address(account);
  if (id.empty()) return;
  change_address(
      account, "DisassociateAddress", {{"PublicIp", addresses_[id].public_ip}},
      [this, id](const clc::Reply&) {
        addresses_[id].instance = InstanceId();
        addresses_[id].is_unsure = false;
      },
      [](const Error&) { return false; });
}

void Users::release_address(const std::string& account) {
  const auto id = pick_address(account);
  if (id.empty() || !addresses_[id].instance.empty() || addresses_[id].is_unsure) return;
  addresses_[id].end_asked = true;
  change_address(
      account, "ReleaseAddress", {{"AllocationId", id.value}}, [](const clc::Reply&) {},
      // An earlier attempt whose answer was lost.
      [](const Error& error) { return error.code == AddressErrc::allocation_not_found; });
}

}  // namespace angophora::sim
