// The default VPC, subnet and security group of an account.
#include "clc/store/security_groups.h"

namespace angophora::clc {
namespace {

Result<VpcId> ensure_vpc(Tx& tx, common::Runtime& runtime, const AccountId& account,
                         std::string_view cidr) {
  TRY(const auto found, find_default_vpc(tx, account));
  if (found) return *found;
  const auto id = new_id<VpcId>(runtime, "vpc");
  TRY(auto q, tx.prepare("INSERT INTO vpcs (vpc_id, account_id, cidr, created_at_ms) "
                         "VALUES (?1,?2,?3,?4)"));
  TRY_VOID(q.bind(1, id).bind(2, account).bind(3, cidr).bind(4, to_ms(runtime.now())).run());
  return id;
}

Result<> insert_default_group(Tx& tx, common::Runtime& runtime, const SecurityGroup& group) {
  SecurityGroups groups(tx);
  TRY_VOID(groups.insert(group));
  SecurityGroupRule own_members;
  own_members.id = new_id<RuleId>(runtime, "sgr");
  own_members.group = group.id;
  own_members.key = {"-1", -1, -1, "", group.id};
  own_members.source_account = group.account;
  TRY_VOID(groups.insert_rule(own_members));
  SecurityGroupRule all_out;
  all_out.id = new_id<RuleId>(runtime, "sgr");
  all_out.group = group.id;
  all_out.egress = true;
  all_out.key = {"-1", -1, -1, "0.0.0.0/0", {}};
  return groups.insert_rule(all_out);
}

}  // namespace

Result<std::optional<VpcId>> find_default_vpc(Tx& tx, const AccountId& account) {
  TRY(auto q, tx.prepare("SELECT vpc_id FROM vpcs WHERE account_id=?1"));
  TRY(const bool found, q.bind(1, account).step());
  return found ? std::optional<VpcId>(VpcId(q.text(0))) : std::nullopt;
}

Result<DefaultNetwork> ensure_default_network(Tx& tx, common::Runtime& runtime,
                                              const AccountId& account, std::string_view cidr) {
  DefaultNetwork network;
  TRY(network.vpc, ensure_vpc(tx, runtime, account, cidr));
  TRY(auto q, tx.prepare("SELECT group_id FROM security_groups WHERE vpc_id=?1 AND name=?2"));
  TRY(const bool found, q.bind(1, network.vpc).bind(2, kDefaultGroupName).step());
  if (found) {
    network.group = GroupId(q.text(0));
    return network;
  }
  network.group = new_id<GroupId>(runtime, "sg");
  SecurityGroup group;
  group.id = network.group;
  group.account = account;
  group.vpc = network.vpc;
  group.name = kDefaultGroupName;
  group.description = "default VPC security group";
  group.created_at = runtime.now();
  TRY_VOID(insert_default_group(tx, runtime, group));
  return network;
}

Result<SubnetId> ensure_default_subnet(Tx& tx, common::Runtime& runtime, const AccountId& account,
                                       const ZoneName& zone, std::string_view cidr) {
  TRY(auto find, tx.prepare("SELECT subnet_id FROM subnets WHERE account_id=?1 AND zone=?2"));
  TRY(const bool found, find.bind(1, account).bind(2, zone).step());
  if (found) return SubnetId(find.text(0));
  TRY(const auto vpc, ensure_vpc(tx, runtime, account, cidr));
  const auto id = new_id<SubnetId>(runtime, "subnet");
  TRY(auto q, tx.prepare("INSERT INTO subnets (subnet_id, vpc_id, account_id, zone, cidr) "
                         "VALUES (?1,?2,?3,?4,?5)"));
  TRY_VOID(q.bind(1, id).bind(2, vpc).bind(3, account).bind(4, zone).bind(5, cidr).run());
  return id;
}

}  // namespace angophora::clc
