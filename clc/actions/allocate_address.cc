// AllocateAddress: gives the account a public address of the pool, to keep until it is released.
#include "clc/actions/address_selection.h"
#include "clc/actions/quotas.h"
#include "clc/actions/tag_parameters.h"
#include "clc/domain/address_errors.h"
#include "clc/store/events.h"
#include "clc/store/public_addresses.h"
#include "common/log/log.h"

namespace angophora::clc {

enum class AddressDomain { vpc, standard };
constexpr auto wire_names(AddressDomain) {
  return std::to_array<std::pair<const char*, AddressDomain>>(
      {{"vpc", AddressDomain::vpc}, {"standard", AddressDomain::standard}});
}

namespace actions::allocate_address {
namespace {

struct Request {
  AddressDomain domain = AddressDomain::vpc;
  std::string address;
  std::string border_group;
  std::vector<TagSpecification> tags;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::domain>("Domain"),
    optional<&Request::address>("Address"),
    optional<&Request::border_group>("NetworkBorderGroup"),
    optional<&Request::tags>("TagSpecification"),
    refused<Request>("PublicIpv4Pool", "the cloud has one pool"),
    refused<Request>("CustomerOwnedIpv4Pool", "the cloud has one pool"),
    refused<Request>("IpamPoolId", "the cloud has one pool"),
};

// The address that was asked for, or any.
Result<std::uint32_t> choose(Tx& tx, const PublicPool& pool, const std::string& wanted) {
  if (wanted.empty()) return PublicAddresses(tx).find_free(pool);
  const auto address = parse_address(wanted);
  if (!address)
    return Error(AddressErrc::malformed,
                 "The address '" + wanted + "' is not a valid IPv4 address");
  if (!pool.contains(*address))
    return Error(AddressErrc::not_found,
                 "The address '" + wanted + "' is not in the cloud's pool of public addresses");
  TRY(const auto taken, PublicAddresses(tx).find(*address));
  if (taken) return Error(AddressErrc::in_use, "The address '" + wanted + "' is in use.");
  return *address;
}

Result<PublicAddress> allocate(Tx& tx, PublicAddress given, const PublicPool& pool,
                               const std::string& wanted, const Quotas& quotas) {
  TRY_VOID(quotas.admit(tx, {{Quota::addresses}}));
  TRY(given.address, choose(tx, pool, wanted));
  TRY_VOID(PublicAddresses(tx).insert(given));
  TRY_VOID(quotas.made(tx, Quota::addresses, given.allocation.value));
  TRY_VOID(Events(tx).append({given.account, "address.allocated", format_address(given.address),
                              "allocation=" + given.allocation.value},
                             given.allocated_at));
  return given;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (!request.border_group.empty() && request.border_group != s.config.region_name)
    co_return invalid_value("NetworkBorderGroup", request.border_group, s.config.region_name);
  PublicAddress wanted;
  CO_TRY(wanted.tags, tags_for("elastic-ip", request.tags));
  CO_TRY(const auto pool, public_pool(s));
  wanted.account = caller.account;
  wanted.allocation = new_id<AllocationId>(s.runtime, "eipalloc");
  wanted.is_classic = request.domain == AddressDomain::standard;
  wanted.allocated_at = s.runtime.now();
  const auto change = [wanted, pool, asked = request.address, quotas = Quotas(s, caller)](Tx& tx) {
    return allocate(tx, wanted, pool, asked, quotas);
  };
  CO_TRY(const auto given, co_await commit(s, caller, change));
  log::info("address.allocated", {{"request_id", caller.request_id},
                                  {"address", format_address(given.address)},
                                  {"account", given.account}});
  Reply reply;
  reply.add("publicIp", format_address(given.address));
  reply.add("domain", given.is_classic ? "standard" : "vpc");
  if (!given.is_classic) reply.add("allocationId", given.allocation);
  reply.add("networkBorderGroup", s.config.region_name);
  co_return reply;
}

}  // namespace

extern const Action AllocateAddress{
    .name = "AllocateAddress",
    .permission = "ec2:AllocateAddress",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::allocate_address
}  // namespace angophora::clc
