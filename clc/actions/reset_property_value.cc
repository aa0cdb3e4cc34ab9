// ResetPropertyValue (properties): gives one cloud-wide value its default again.
#include "clc/actions/set_property.h"

namespace angophora::clc::actions::reset_property_value {
namespace {

struct Request {
  std::string name;
};

constexpr Param<Request> kParams[] = {required<&Request::name>("Name")};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  std::optional<std::string> no_value;
  co_return co_await set_property(s, std::move(caller), std::move(request.name),
                                  std::move(no_value));
}

}  // namespace

extern const Action ResetPropertyValue{
    .name = "ResetPropertyValue",
    .permission = "properties:ResetPropertyValue",
    .api = Api::properties,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::reset_property_value
