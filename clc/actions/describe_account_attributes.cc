// DescribeAccountAttributes: the account's network and what it may have.
#include "clc/actions/action.h"
#include "clc/store/security_groups.h"

namespace angophora::clc::actions::describe_account_attributes {
namespace {

struct Request {
  std::vector<std::string> names;
};

constexpr Param<Request> kParams[] = {optional<&Request::names>("AttributeName")};

struct Attribute {
  std::string name;
  std::string value;
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [account = caller.account](Tx& tx) { return find_default_vpc(tx, account); };
  CO_TRY(const auto vpc, co_await s.db.read(find));
  std::vector<Attribute> attributes{
      {"supported-platforms", "VPC"},
      {"default-vpc", vpc ? vpc->value : "none"},
      {"max-instances", s.properties.text("cloud.instances_max")},
      {"max-elastic-ips", s.properties.text("cloud.addresses_max")},
      {"vpc-max-elastic-ips", s.properties.text("cloud.addresses_max")},
  };
  for (const auto& name : request.names)
    if (std::none_of(attributes.begin(), attributes.end(),
                     [&](const Attribute& a) { return a.name == name; }))
      co_return invalid_value("AttributeName", name,
                              "supported-platforms, default-vpc, max-instances, max-elastic-ips or "
                              "vpc-max-elastic-ips");
  if (!request.names.empty())
    std::erase_if(attributes, [&](const Attribute& a) {
      return std::find(request.names.begin(), request.names.end(), a.name) == request.names.end();
    });
  Reply reply;
  reply.list("accountAttributeSet", attributes, [](const Attribute& attribute, Element& item) {
    item.add("attributeName", attribute.name);
    item.child("attributeValueSet").child("item").add("attributeValue", attribute.value);
  });
  co_return reply;
}

}  // namespace

extern const Action DescribeAccountAttributes{
    .name = "DescribeAccountAttributes",
    .permission = "ec2:DescribeAccountAttributes",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_account_attributes
