// Which elastic addresses a request is about, and what changes hands with them.
#pragma once

#include <vector>

#include "clc/actions/action.h"
#include "clc/domain/public_address.h"
#include "clc/domain/public_pool.h"

namespace angophora::clc {

// One address, named by either.
struct AddressName {
  std::string public_ip;
  AllocationId allocation;
};

// RequestErrc when none or both are given; AddressErrc::malformed, not_found, allocation_not_found,
// or foreign when another account has it.
Result<PublicAddress> named_address(Tx& tx, const Caller& caller, const AddressName& name);

// The caller's addresses (all accounts' when a cloud administrator says "verbose"), by address;
// only those named when any is. The same errors.
Task<std::vector<PublicAddress>> select_addresses(Services& s, Caller caller,
                                                  std::vector<std::string> public_ips,
                                                  std::vector<AllocationId> allocations);

// The pool as the operator has it now.
Result<PublicPool> public_pool(const Services& s);

// Takes an address from the instance that has it, with the event. Nothing when nobody has it.
Result<> take_from_instance(Tx& tx, const Caller& caller, const PublicAddress& address,
                            common::SysTime now);

}  // namespace angophora::clc
