#include "clc/actions/set_property.h"

#include "clc/store/property_values.h"

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

}  // namespace

Task<Reply> set_property(Services& s, Caller caller, std::string name,
                         std::optional<std::string> value) {
  const auto* property = find_property(name);
  if (!property) co_return no_property(name);
  auto checked = value ? Properties::check(*property, *value) : common::ok();
  if (!checked) co_return std::move(checked).assume_error().while_doing(name);
  const auto keep = [name, value](Tx& tx) { return PropertyValues(tx).set(name, value); };
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
