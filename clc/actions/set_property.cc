#include "clc/actions/set_property.h"

#include "clc/domain/public_pool.h"
#include "clc/store/property_values.h"
#include "clc/store/registrations.h"

namespace angophora::clc::actions {
namespace {

Error no_property(const std::string& name) {
  const Property* nearest = nullptr;
  for (const auto& property : all_properties())
    if (!nearest ||
        common::edit_distance(name, property.name) < common::edit_distance(name, nearest->name))
      nearest = &property;
  auto text = "There is no property '" + name + "'";
  const std::size_t near_enough = 2 + name.size() / 4;
  if (nearest && common::edit_distance(name, nearest->name) <= near_enough)
    text += std::string("; did you mean '") + nearest->name + "'?";
  return {RequestErrc::invalid_value, std::move(text)};
}

// Addresses that the cloud itself uses must lead to no instance.
Result<> check_public_pool(Tx& tx, const PublicPool& pool, const InstanceNetwork& network) {
  if (pool.overlaps(network))
    return Error(RequestErrc::invalid_value, "the network of the instances' private addresses, " +
                                                 network.cidr() + ", must have none of them");
  TRY(const auto services, Registrations(tx).list());
  for (const auto& service : services)
    if (const auto host = parse_address(service.host); host && pool.contains(*host))
      return Error(RequestErrc::invalid_value,
                   service.host + " is the address of the service " + service.name.value);
  return common::ok();
}

// What a value must not be in this very cloud.
Result<> check_in_cloud(Services& s, Tx& tx, const std::string& name,
                        const std::optional<std::string>& value) {
  if (name != kPublicAddresses || !value) return common::ok();
  TRY(const auto pool, PublicPool::parse(*value));
  TRY(const auto network, parse_instance_network(s.config.instance_network));
  auto checked = check_public_pool(tx, pool, network);
  if (!checked) return std::move(checked).assume_error().while_doing(name);
  return common::ok();
}

}  // namespace

Task<Reply> set_property(Services& s, Caller caller, std::string name,
                         std::optional<std::string> value) {
  const auto* property = find_property(name);
  if (!property) co_return no_property(name);
  auto checked = value ? Properties::check(*property, *value) : common::ok();
  if (!checked) co_return std::move(checked).assume_error().while_doing(name);
  const auto keep = [&s, name, value](Tx& tx) -> Result<> {
    TRY_VOID(check_in_cloud(s, tx, name, value));
    return PropertyValues(tx).set(name, value);
  };
  CO_TRY_VOID(co_await commit(s, caller, keep));
  const auto old = s.properties.text(name);
  s.properties.set(name, value);
  s.changes.network.notify();
  Reply reply;
  reply.add("name", name).add("value", s.properties.text(name)).add("oldValue", old);
  reply.add("defaultValue", property->fallback);
  co_return reply;
}

}  // namespace angophora::clc::actions
