// DisassociateAddress: an elastic address leads to no instance any more, and stays the account's.
#include "clc/actions/address_selection.h"
#include "clc/domain/address_errors.h"
#include "clc/store/public_addresses.h"
#include "common/log/log.h"

namespace angophora::clc::actions::disassociate_address {
namespace {

struct Request {
  std::string public_ip;
  AssociationId association;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::public_ip>("PublicIp"),
    optional<&Request::association>("AssociationId"),
};

Result<PublicAddress> by_association(Tx& tx, const Caller& caller, const AssociationId& id) {
  TRY(auto found, PublicAddresses(tx).find(id));
  if (!found || (found->account != caller.account && !caller.cloud_administrator))
    return Error(AddressErrc::association_not_found,
                 "The association ID '" + id.value + "' does not exist");
  return std::move(*found);
}

Result<PublicAddress> find(Tx& tx, const Caller& caller, const Request& request) {
  if (request.association.empty() == request.public_ip.empty())
    return Error(request.association.empty() ? RequestErrc::missing_parameter
                                             : RequestErrc::invalid_combination,
                 "Either public IP or association ID must be specified");
  if (!request.association.empty()) return by_association(tx, caller, request.association);
  return named_address(tx, caller, {request.public_ip, {}});
}

// An address that nobody has is no error: the request may have been sent before.
Result<PublicAddress> disassociate(Tx& tx, const Caller& caller, const Request& request,
                                   common::SysTime now) {
  TRY(auto address, find(tx, caller, request));
  TRY_VOID(take_from_instance(tx, caller, address, now));
  return address;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [=](Tx& tx) { return disassociate(tx, caller, request, now); };
  CO_TRY(const auto address, co_await commit(s, caller, change));
  s.changes.network.notify();
  log::info("address.disassociated", {{"request_id", caller.request_id},
                                      {"address", format_address(address.address)},
                                      {"instance", address.instance}});
  co_return reply_true();
}

}  // namespace

extern const Action DisassociateAddress{
    .name = "DisassociateAddress",
    .permission = "ec2:DisassociateAddress",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::disassociate_address
