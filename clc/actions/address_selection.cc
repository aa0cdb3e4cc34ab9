#include "clc/actions/address_selection.h"

#include <algorithm>

#include "clc/actions/instance_selection.h"
#include "clc/domain/address_errors.h"
#include "clc/store/events.h"
#include "clc/store/public_addresses.h"

namespace angophora::clc {
namespace {

Error no_such_address(std::string_view address) {
  return {AddressErrc::not_found, "Address '" + std::string(address) + "' not found."};
}
Error no_such_allocation(std::string_view ids) {
  return {AddressErrc::allocation_not_found,
          "The allocation ID '" + std::string(ids) + "' does not exist"};
}

Result<PublicAddress> by_address(Tx& tx, const Caller& caller, const std::string& text) {
  const auto address = parse_address(text);
  if (!address)
    return Error(AddressErrc::malformed, "The address '" + text + "' is not a valid IPv4 address");
  TRY(auto found, PublicAddresses(tx).find(*address));
  if (!found || !found->is_elastic()) return no_such_address(text);
  if (found->account != caller.account && !caller.cloud_administrator)
    return Error(AddressErrc::foreign, "The address '" + text + "' does not belong to you.");
  return std::move(*found);
}

Result<PublicAddress> by_allocation(Tx& tx, const Caller& caller, const AllocationId& id) {
  TRY(auto found, PublicAddresses(tx).find(id));
  if (!found || (found->account != caller.account && !caller.cloud_administrator))
    return no_such_allocation(id.value);
  return std::move(*found);
}

}  // namespace

Result<PublicAddress> named_address(Tx& tx, const Caller& caller, const AddressName& name) {
  if (!name.public_ip.empty() && !name.allocation.empty())
    return Error(RequestErrc::invalid_combination,
                 "You may specify public IP or allocation ID, but not both in the same call");
  if (!name.public_ip.empty()) return by_address(tx, caller, name.public_ip);
  if (!name.allocation.empty()) return by_allocation(tx, caller, name.allocation);
  return Error(RequestErrc::missing_parameter,
               "Either public IP or allocation ID must be specified");
}

Task<std::vector<PublicAddress>> select_addresses(Services& s, Caller caller,
                                                  std::vector<std::string> public_ips,
                                                  std::vector<AllocationId> allocations) {
  const bool verbose = std::erase(public_ips, kVerbose) > 0;
  const auto account = verbose && caller.cloud_administrator ? AccountId() : caller.account;
  const auto read = [=](Tx& tx) -> Result<std::vector<PublicAddress>> {
    if (public_ips.empty() && allocations.empty()) return PublicAddresses(tx).list(account);
    std::vector<PublicAddress> named;
    for (const auto& text : public_ips) {
      TRY(auto address, named_address(tx, caller, {text, {}}));
      named.push_back(std::move(address));
    }
    for (const auto& id : allocations) {
      TRY(auto address, named_address(tx, caller, {{}, id}));
      named.push_back(std::move(address));
    }
    const auto less = [](const auto& a, const auto& b) { return a.address < b.address; };
    const auto same = [](const auto& a, const auto& b) { return a.address == b.address; };
    std::sort(named.begin(), named.end(), less);
    named.erase(std::unique(named.begin(), named.end(), same), named.end());
    return named;
  };
  co_return co_await s.db.read(read);
}

Result<PublicPool> public_pool(const Services& s) {
  return PublicPool::parse(s.properties.text(kPublicAddresses));
}

Result<> take_from_instance(Tx& tx, const Caller& caller, const PublicAddress& address,
                            common::SysTime now) {
  if (!address.is_associated()) return common::ok();
  TRY_VOID(PublicAddresses(tx).disassociate(address));
  return Events(tx).append(
      {address.account, "address.disassociated", format_address(address.address),
       "instance=" + address.instance.value + " user=" + caller.user_name},
      now);
}

}  // namespace angophora::clc
