// AssociateAddress: an elastic address leads to this instance from now on, whoever had it before.
#include "clc/actions/address_selection.h"
#include "clc/actions/instance_selection.h"
#include "clc/domain/address_errors.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/events.h"
#include "clc/store/public_addresses.h"
#include "common/log/log.h"

namespace angophora::clc::actions::associate_address {
namespace {

struct Request {
  std::string public_ip;
  AllocationId allocation;
  InstanceId instance;
  std::string interface;
  std::string private_ip;
  std::optional<bool> reassociate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::public_ip>("PublicIp"),
    optional<&Request::allocation>("AllocationId"),
    optional<&Request::instance>("InstanceId"),
    optional<&Request::interface>("NetworkInterfaceId"),
    optional<&Request::private_ip>("PrivateIpAddress"),
    optional<&Request::reassociate>("AllowReassociation"),
};

// An instance has one interface, whose id is made from its own.
Result<InstanceId> instance_of_interface(Tx& tx, const Caller& caller, const std::string& id) {
  const Error unknown(AddressErrc::interface_not_found,
                      "The networkInterface ID '" + id + "' does not exist");
  if (!is_well_formed_id(id, "eni")) return unknown;
  const InstanceId instance("i" + id.substr(3));
  const auto found = named_instances(tx, caller, {instance});
  if (!found) {
    if (found.error().code == InstanceErrc::not_found) return unknown;
    return found.error();
  }
  return instance;
}

Result<Instance> chosen_instance(Tx& tx, const Caller& caller, const Request& request) {
  if (request.instance.empty() && request.interface.empty())
    return Error(RequestErrc::missing_parameter,
                 "Either instance ID or network interface ID must be specified");
  auto id = request.instance;
  if (!request.interface.empty()) {
    TRY(const auto of_interface, instance_of_interface(tx, caller, request.interface));
    if (!id.empty() && id != of_interface)
      return Error(RequestErrc::invalid_combination, "The network interface '" + request.interface +
                                                         "' is not attached to the instance '" +
                                                         id.value + "'");
    id = of_interface;
  }
  TRY(auto instances, named_instances(tx, caller, {id}));
  return std::move(instances.front());
}

Result<> check(const Instance& instance, const PublicAddress& address, const Request& request) {
  if (instance.account != address.account)
    return Error(InstanceErrc::not_found, "The instance ID '" + instance.id.value +
                                              "' does not exist in the account of the address");
  if (instance.state != InstanceState::running && instance.state != InstanceState::pending)
    return Error(InstanceErrc::incorrect_state,
                 "The instance '" + instance.id.value + "' is '" +
                     std::string(to_string(instance.state)) +
                     "'; an address can be associated while it is 'pending' or 'running'");
  if (!request.private_ip.empty() && request.private_ip != format_address(instance.private_ip))
    return invalid_value("PrivateIpAddress", request.private_ip,
                         "the instance's address " + format_address(instance.private_ip));
  return common::ok();
}

Error already_associated(const std::string& what, const AssociationId& with) {
  return {AddressErrc::already_associated,
          "resource " + what + " is already associated with associate-id " + with.value};
}

// What of it has to go so that these two can come together.
Result<> make_way(Tx& tx, const Caller& caller, const PublicAddress& address,
                  const Instance& instance, bool may_take, common::SysTime now) {
  if (address.is_associated() && !may_take)
    return already_associated(address.allocation.value, address.association);
  TRY(const auto present, PublicAddresses(tx).of_instance(instance.id));
  if (present && present->is_elastic() && !may_take)
    return already_associated(interface_id(instance.id), present->association);
  TRY_VOID(take_from_instance(tx, caller, address, now));
  if (present) TRY_VOID(take_from_instance(tx, caller, *present, now));
  return common::ok();
}

struct Outcome {
  PublicAddress address;
  bool changed = false;
};

Result<Outcome> associate(Tx& tx, const Caller& caller, const Request& request,
                          const AssociationId& id, common::SysTime now) {
  TRY(auto address, named_address(tx, caller, {request.public_ip, request.allocation}));
  TRY(const auto instance, chosen_instance(tx, caller, request));
  TRY_VOID(check(instance, address, request));
  if (address.instance == instance.id) return Outcome{address, false};
  TRY_VOID(make_way(tx, caller, address, instance, request.reassociate.value_or(true), now));
  TRY_VOID(PublicAddresses(tx).associate(address.address, instance.id, id));
  TRY_VOID(
      Events(tx).append({address.account, "address.associated", format_address(address.address),
                         "instance=" + instance.id.value + " user=" + caller.user_name},
                        now));
  address.instance = instance.id;
  address.association = id;
  return Outcome{address, true};
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto id = new_id<AssociationId>(s.runtime, "eipassoc");
  const auto now = s.runtime.now();
  const auto change = [=](Tx& tx) { return associate(tx, caller, request, id, now); };
  CO_TRY(const auto outcome, co_await commit(s, caller, change));
  const auto& address = outcome.address;
  if (outcome.changed) {
    s.changes.network.notify();
    log::info("address.associated", {{"request_id", caller.request_id},
                                     {"address", format_address(address.address)},
                                     {"instance", address.instance}});
  }
  auto reply = reply_true();
  if (!address.is_classic) reply.add("associationId", address.association);
  co_return reply;
}

}  // namespace

extern const Action AssociateAddress{
    .name = "AssociateAddress",
    .permission = "ec2:AssociateAddress",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::associate_address
