// ModifyPropertyValue (properties): changes one cloud-wide value, at once and for good.
#include "clc/actions/set_property.h"

namespace angophora::clc::actions::modify_property_value {
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

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (request.reset == request.value.has_value())
    co_return Error(RequestErrc::invalid_combination, "Exactly one of Value and Reset is needed");
  co_return co_await set_property(s, std::move(caller), std::move(request.name),
                                  std::move(request.value));
}

}  // namespace

extern const Action ModifyPropertyValue{
    .name = "ModifyPropertyValue",
    .permission = "properties:ModifyPropertyValue",
    .api = Api::properties,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::modify_property_value
