// DescribeProperties (properties): the cloud-wide values that may be changed at run time.
#include "clc/actions/action.h"

namespace angophora::clc::actions::describe_properties {
namespace {

struct Request {
  std::vector<std::string> names;  // a name, or the beginning of several
};

constexpr Param<Request> kParams[] = {
    optional<&Request::names>("Property"),
};

bool is_asked_for(const Request& request, std::string_view name) {
  if (request.names.empty()) return true;
  return std::any_of(request.names.begin(), request.names.end(),
                     [&](const std::string& asked) { return name.starts_with(asked); });
}

Task<Reply> handle(Services& s, Caller, Request request) {
  std::vector<const Property*> found;
  for (const auto& property : all_properties())
    if (is_asked_for(request, property.name)) found.push_back(&property);
  Reply reply;
  reply.list("properties", found, [&](const Property* property, Element& item) {
    item.add("name", property->name).add("value", s.properties.text(property->name));
    item.add("description", property->meaning).add("defaultValue", property->fallback);
    item.add("readOnly", false);
  });
  co_return reply;
}

}  // namespace

extern const Action DescribeProperties{
    .name = "DescribeProperties",
    .permission = "properties:DescribeProperties",
    .api = Api::properties,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_properties
