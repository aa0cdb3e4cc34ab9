// ReleaseAddress: gives an elastic address back to the pool; others may get it.
#include "clc/actions/address_selection.h"
#include "clc/domain/address_errors.h"
#include "clc/store/events.h"
#include "clc/store/public_addresses.h"
#include "common/log/log.h"

namespace angophora::clc::actions::release_address {
namespace {

struct Request {
  std::string public_ip;
  AllocationId allocation;
  std::string border_group;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::public_ip>("PublicIp"),
    optional<&Request::allocation>("AllocationId"),
    optional<&Request::border_group>("NetworkBorderGroup"),
};

// One of the classic kind leaves its instance by itself, as it always did.
Result<PublicAddress> release(Tx& tx, const Caller& caller, const AddressName& name,
                              common::SysTime now) {
  TRY(auto address, named_address(tx, caller, name));
  if (address.is_associated() && !address.is_classic)
    return Error(AddressErrc::in_use, "Address " + format_address(address.address) +
                                          " is in use by '" + address.instance.value + "'.");
  TRY_VOID(take_from_instance(tx, caller, address, now));
  TRY_VOID(PublicAddresses(tx).remove(address));
  TRY_VOID(Events(tx).append({address.account, "address.released", format_address(address.address),
                              "user=" + caller.user_name},
                             now));
  return address;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (!request.border_group.empty() && request.border_group != s.config.region_name)
    co_return invalid_value("NetworkBorderGroup", request.border_group, s.config.region_name);
  const AddressName name{request.public_ip, request.allocation};
  const auto now = s.runtime.now();
  const auto change = [=](Tx& tx) { return release(tx, caller, name, now); };
  CO_TRY(const auto address, co_await commit(s, caller, change));
  s.changes.network.notify();
  log::info("address.released", {{"request_id", caller.request_id},
                                 {"address", format_address(address.address)},
                                 {"account", address.account}});
  co_return reply_true();
}

}  // namespace

extern const Action ReleaseAddress{
    .name = "ReleaseAddress",
    .permission = "ec2:ReleaseAddress",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::release_address
