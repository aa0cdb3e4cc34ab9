// DescribeAddresses: the caller's elastic addresses and which instances have them.
#include "clc/actions/address_selection.h"
#include "clc/actions/tag_parameters.h"

namespace angophora::clc::actions::describe_addresses {
namespace {

struct Request {
  std::vector<std::string> public_ips;
  std::vector<AllocationId> allocations;
  Filters filters;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::public_ips>("PublicIp"),
    optional<&Request::allocations>("AllocationId"),
    filters<&Request::filters>(),
};

using A = const PublicAddress&;

const char* domain_of(A a) { return a.is_classic ? "standard" : "vpc"; }
// Of what an associated address has.
FilterValues of_associated(A a, std::string value) {
  return a.is_associated() ? value_or_none(value) : FilterValues{};
}

constexpr FilterField<PublicAddress> kFilters[] = {
    {"allocation-id",
     [](A a) { return a.is_classic ? FilterValues{} : value_or_none(a.allocation.value); }},
    {"association-id",
     [](A a) { return a.is_classic ? FilterValues{} : value_or_none(a.association.value); }},
    {"domain", [](A a) { return value_or_none(domain_of(a)); }},
    {"instance-id", [](A a) { return value_or_none(a.instance.value); }},
    {"network-interface-id",
     [](A a) {
       return a.is_associated() ? FilterValues{interface_id(a.instance)} : FilterValues{};
     }},
    {"network-interface-owner-id", [](A a) { return of_associated(a, a.account.value); }},
    {"private-ip-address", [](A a) { return of_associated(a, format_address(a.private_ip)); }},
    {"public-ip", [](A a) { return value_or_none(format_address(a.address)); }},
};

void add_address(Element& item, A a, const std::string& region) {
  item.add("publicIp", format_address(a.address)).add("domain", domain_of(a));
  if (!a.is_classic) item.add("allocationId", a.allocation);
  // Clients of the classic kind look for it also when it is nobody's.
  if (a.is_classic || a.is_associated()) item.add("instanceId", a.instance);
  if (a.is_associated()) {
    if (!a.is_classic) item.add("associationId", a.association);
    item.add("networkInterfaceId", interface_id(a.instance));
    item.add("networkInterfaceOwnerId", a.account);
    item.add("privateIpAddress", format_address(a.private_ip));
  }
  item.add("networkBorderGroup", region);
  add_tags(item, a.tags);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<PublicAddress>::compile(request.filters, kFilters));
  CO_TRY(auto addresses, co_await select_addresses(s, caller, std::move(request.public_ips),
                                                   std::move(request.allocations)));
  std::erase_if(addresses, [&](A a) { return !wanted.matches(a); });
  Reply reply;
  reply.list("addressesSet", addresses,
             [&s](A a, Element& item) { add_address(item, a, s.config.region_name); });
  co_return reply;
}

}  // namespace

extern const Action DescribeAddresses{
    .name = "DescribeAddresses",
    .permission = "ec2:DescribeAddresses",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_addresses
