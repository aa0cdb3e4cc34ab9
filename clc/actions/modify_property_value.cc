// ModifyPropertyValue (properties): changes one cloud-wide value, at once and for good.
#include "clc/actions/action.h"
#include "clc/store/property_values.h"

namespace angophora::clc::actions {
namespace {

struct Request {
  std::string name;
  std::optional<std::string> value;
  bool reset = false;  // to the default
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("Name"),
    optional<&Request::value>("Value"),
    optional<&Request::reset>("Reset"),
};

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

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto* property = find_property(request.name);
  if (!property) co_return no_property(request.name);
  if (request.reset == request.value.has_value())
    co_return Error(RequestErrc::invalid_combination, "Exactly one of Value and Reset is needed");
  auto checked = request.value ? Properties::check(*property, *request.value) : common::ok();
  if (!checked) co_return std::move(checked).assume_error().while_doing(request.name);
  const auto keep = [request](Tx& tx) {
    return PropertyValues(tx).set(request.name, request.value);
  };
  CO_TRY_VOID(co_await commit(s, caller, keep));
  const auto old = s.properties.text(request.name);
  s.properties.set(request.name, request.value);
  s.changes.network.notify();
  Reply reply;
  reply.add("name", request.name).add("value", s.properties.text(request.name));
  reply.add("oldValue", old);
  co_return reply;
}

}  // namespace

extern const Action ModifyPropertyValue{
    .name = "ModifyPropertyValue",
    .permission = "properties:ModifyPropertyValue",
    .api = Api::properties,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions
