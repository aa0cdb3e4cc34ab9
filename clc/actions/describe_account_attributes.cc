// DescribeAccountAttributes: the account's network and what it may have.
#include "clc/actions/quotas.h"
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

struct Found {
  std::optional<VpcId> vpc;
  std::int64_t instances_max = 0, addresses_max = 0;
};

Result<Found> look(Tx& tx, const AccountId& account, const QuotaDefaults& defaults) {
  Found found;
  TRY(found.vpc, find_default_vpc(tx, account));
  TRY(found.instances_max, account_limit(tx, defaults, account, Quota::instances));
  TRY(found.addresses_max, account_limit(tx, defaults, account, Quota::addresses));
  return found;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [account = caller.account, defaults = QuotaDefaults(s.properties)](Tx& tx) {
    return look(tx, account, defaults);
  };
  CO_TRY(const auto found, co_await s.db.read(find));
  const auto instances = std::to_string(found.instances_max);
  const auto addresses = std::to_string(found.addresses_max);
  std::vector<Attribute> attributes{
      {"supported-platforms", "VPC"},     {"default-vpc", found.vpc ? found.vpc->value : "none"},
      {"max-instances", instances},       {"max-elastic-ips", addresses},
      {"vpc-max-elastic-ips", addresses},
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
