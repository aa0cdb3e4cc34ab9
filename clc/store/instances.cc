#include "clc/store/instances.h"

#include <algorithm>

#include "clc/store/counters.h"
#include "clc/store/profile_associations.h"
#include "clc/store/public_addresses.h"
#include "clc/store/tags.h"
#include "clc/store/values.h"

namespace angophora::clc {
namespace {

constexpr char kInstancesRevision[] = "instances";

// All columns of an instance `i`, with `user_data` in the place of its user data: whoever lists
// instances leaves that out, it may be 16 KiB each.
#define COLUMNS_WITH(user_data)                                                              \
  "i.instance_id, i.reservation_id, i.account_id, i.launch_index, i.zone, i.instance_type, " \
  "i.vcpus, i.memory_mib, i.disk_gib, i.ephemeral_gib, i.swap_mib, i.image_id, "             \
  "i.kernel_id, i.ramdisk_id, i.architecture, i.vpc_id, i.subnet_id, i.key_name, "           \
  "i.public_key, " user_data                                                                 \
  ", i.client_token, i.mac, i.private_ip, i.tokens_required, i.termination_protected, "      \
  "i.monitoring, i.state, i.wants_to_run, i.node, i.placement_no, i.reason_code, "           \
  "i.reason_message, i.launched_at_ms, i.changed_at_ms, i.revision, i.promised_node "
#define INSTANCE_COLUMNS COLUMNS_WITH("i.user_data")
#define LISTED_COLUMNS COLUMNS_WITH("''")

Instance read_instance(Query& q) {
  Instance i;
  int c = 0;
  i.id = q.id<InstanceId>(c++);
  i.reservation = q.id<ReservationId>(c++);
  i.account = q.id<AccountId>(c++);
  i.launch_index = q.integer(c++);
  i.zone = q.id<ZoneName>(c++);
  i.type = q.text(c++);
  i.resources.vcpus = q.integer(c++);
  i.resources.memory_mib = q.integer(c++);
  i.resources.disk_gib = q.integer(c++);
  i.ephemeral_gib = q.integer(c++);
  i.swap_mib = q.integer(c++);
  i.image = q.id<ImageId>(c++);
  i.kernel = q.id<ImageId>(c++);
  i.ramdisk = q.id<ImageId>(c++);
  i.architecture = q.text(c++);
  i.vpc = q.id<VpcId>(c++);
  i.subnet = q.id<SubnetId>(c++);
  i.key_name = q.text(c++);
  i.public_key = q.text(c++);
  i.user_data = q.text(c++);
  i.client_token = q.text(c++);
  i.mac = q.text(c++);
  i.private_ip = static_cast<std::uint32_t>(q.integer(c++));
  i.metadata_tokens_required = q.integer(c++) != 0;
  i.termination_protected = q.integer(c++) != 0;
  i.monitoring = q.integer(c++) != 0;
  i.state = parse_instance_state(q.text(c++)).value_or(InstanceState::terminated);
  i.wants_to_run = q.integer(c++) != 0;
  i.node = q.id<NodeName>(c++);
  i.placement_no = q.integer(c++);
  i.reason.code = q.text(c++);
  i.reason.message = q.text(c++);
  i.launched_at = from_ms(q.integer(c++));
  i.changed_at = from_ms(q.integer(c++));
  i.revision = q.integer(c++);
  i.promised_node = q.id<NodeName>(c++);
  return i;
}

void bind_instance(Query& q, const Instance& i, std::int64_t revision) {
  Values values(q);
  values.next(i.id).next(i.reservation).next(i.account).next(i.launch_index).next(i.zone);
  values.next(i.type).next(i.resources.vcpus).next(i.resources.memory_mib);
  values.next(i.resources.disk_gib).next(i.ephemeral_gib).next(i.swap_mib).next(i.image);
  values.next(i.kernel)
      .next(i.ramdisk)
      .next(i.architecture)
      .next(i.vpc)
      .next(i.subnet)
      .next(i.key_name);
  values.next(i.public_key).blob(i.user_data).next(i.client_token).next(i.mac);
  values.next(i.private_ip).next(i.metadata_tokens_required).next(i.termination_protected);
  values.next(i.monitoring).next(to_string(i.state)).next(i.wants_to_run).next(i.node);
  values.next(i.placement_no).next(i.reason.code).next(i.reason.message);
  values.next(to_ms(i.launched_at)).next(to_ms(i.changed_at)).next(revision);
  values.next(i.promised_node);
}

}  // namespace

Result<std::int64_t> Instances::next_revision() { return Counters(tx_).raise(kInstancesRevision); }

Result<> Instances::insert(const Instance& instance) {
  TRY(const auto revision, next_revision());
  TRY(auto q,
      tx_.prepare("INSERT INTO instances (instance_id, reservation_id, account_id, launch_index, "
                  "zone, instance_type, vcpus, memory_mib, disk_gib, ephemeral_gib, swap_mib, "
                  "image_id, kernel_id, ramdisk_id, architecture, vpc_id, subnet_id, key_name, "
                  "public_key, user_data, client_token, mac, private_ip, tokens_required, "
                  "termination_protected, monitoring, state, wants_to_run, node, placement_no, "
                  "reason_code, reason_message, launched_at_ms, changed_at_ms, revision, "
                  "promised_node) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
                  "?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, "
                  "?30, ?31, ?32, ?33, ?34, ?35, ?36)"));
  bind_instance(q, instance, revision);
  TRY_VOID(q.run());
  for (const auto& group : instance.groups) {
    TRY(auto g, tx_.prepare("INSERT INTO instance_groups (instance_id, group_id, group_name) "
                            "VALUES (?1, ?2, ?3)"));
    g.bind(1, instance.id).bind(2, group.id).bind(3, group.name);
    TRY_VOID(g.run());
  }
  TRY_VOID(TagRows(tx_).put(instance.account, instance.id.value, instance.tags));
  if (!instance.profile.association.empty())
    TRY_VOID(ProfileAssociations(tx_).put(
        {instance.profile, instance.id, instance.account, instance.launched_at}));
  if (!instance.holds_resources()) return common::ok();
  TRY_VOID(AccountUsage(tx_).add(instance));
  return NodeUsage(tx_).add(instance.zone, instance.home(), instance.room());
}

Result<> Instances::load_details(std::vector<Instance>& instances) {
  for (auto& instance : instances) {
    TRY(const auto address, PublicAddresses(tx_).of_instance(instance.id));
    if (address) {
      instance.public_ip = address->address;
      instance.public_allocation = address->allocation;
      instance.public_association = address->association;
    }
    TRY(auto q, tx_.prepare("SELECT group_id, group_name FROM instance_groups "
                            "WHERE instance_id=?1 ORDER BY group_id"));
    q.bind(1, instance.id);
    TRY(instance.groups, all_rows(q, [](Query& row) {
          return GroupName{row.id<GroupId>(0), row.text(1)};
        }));
    TRY(instance.tags, TagRows(tx_).of(instance.id.value));
    TRY(const auto profile, ProfileAssociations(tx_).of_instance(instance.id));
    if (profile) instance.profile = profile->use;
  }
  return common::ok();
}

Result<std::vector<Instance>> Instances::read_all(Query& q) {
  TRY(auto instances, all_rows(q, read_instance));
  TRY_VOID(load_details(instances));
  return instances;
}

Result<std::optional<Instance>> Instances::find(const InstanceId& id) {
  TRY(auto q, tx_.prepare("SELECT " INSTANCE_COLUMNS "FROM instances i WHERE i.instance_id=?1"));
  q.bind(1, id);
  TRY(auto found, read_all(q));
  if (found.empty()) return std::optional<Instance>();
  return std::optional<Instance>(std::move(found.front()));
}

// The groups, tags and public addresses of all at once: `which` is the condition over `i` that
// chose them.
template <class Bind>
Result<> Instances::load_all_details(std::vector<Instance>& instances, const std::string& which,
                                     Bind bind) {
  std::map<std::string_view, Instance*> by_id;
  for (auto& instance : instances) by_id[instance.id.value] = &instance;
  const auto each_row = [&](const char* columns, const char* joined, auto take) -> Result<> {
    TRY(auto q, tx_.prepare(std::string("SELECT i.instance_id, ") + columns +
                            " FROM instances i JOIN " + joined + "=i.instance_id WHERE " + which));
    bind(q);
    for (;;) {
      TRY(const bool found, q.step());
      if (!found) return common::ok();
      if (const auto at = by_id.find(q.text(0)); at != by_id.end()) take(*at->second, q);
    }
  };
  TRY_VOID(each_row("g.group_id, g.group_name", "instance_groups g ON g.instance_id",
                    [](Instance& instance, Query& q) {
                      instance.groups.push_back({q.id<GroupId>(1), q.text(2)});
                    }));
  TRY_VOID(each_row("t.tag_key, t.tag_value", "tags t ON t.resource_id",
                    [](Instance& instance, Query& q) { instance.tags[q.text(1)] = q.text(2); }));
  TRY_VOID(each_row("a.address, a.allocation_id, a.association_id",
                    "public_addresses a ON a.instance_id", [](Instance& instance, Query& q) {
                      instance.public_ip = static_cast<std::uint32_t>(q.integer(1));
                      instance.public_allocation = q.id<AllocationId>(2);
                      instance.public_association = q.id<AssociationId>(3);
                    }));
  TRY_VOID(each_row("p.association_id, p.profile_id, p.profile_arn",
                    "profile_associations p ON p.instance_id", [](Instance& instance, Query& q) {
                      instance.profile = {q.text(1), q.id<InstanceProfileId>(2), q.text(3)};
                    }));
  for (auto& instance : instances)
    std::sort(instance.groups.begin(), instance.groups.end(),
              [](const GroupName& a, const GroupName& b) { return a.id < b.id; });
  return common::ok();
}

Result<std::vector<Instance>> Instances::list_after(const AccountId& account,
                                                    const InstanceId& after, std::int64_t count) {
  const std::string of_account = account.empty() ? "" : " AND i.account_id=?3";
  TRY(auto q, tx_.prepare("SELECT " LISTED_COLUMNS "FROM instances i WHERE i.instance_id>?1" +
                          of_account + " ORDER BY i.instance_id LIMIT ?2"));
  q.bind(1, after).bind(2, count);
  if (!account.empty()) q.bind(3, account);
  TRY(auto instances, all_rows(q, read_instance));
  if (instances.empty()) return instances;
  const auto last = instances.back().id;
  TRY_VOID(load_all_details(instances, "i.instance_id>?1 AND i.instance_id<=?2" + of_account,
                            [&](Query& details) {
                              details.bind(1, after).bind(2, last);
                              if (!account.empty()) details.bind(3, account);
                            }));
  return instances;
}

Result<std::vector<Instance>> Instances::of_reservation(const ReservationId& reservation) {
  TRY(auto q, tx_.prepare("SELECT " INSTANCE_COLUMNS
                          "FROM instances i WHERE i.reservation_id=?1 ORDER BY i.launch_index"));
  q.bind(1, reservation);
  return read_all(q);
}

Result<std::vector<Instance>> Instances::on_node(const NodeName& node) {
  TRY(auto q, tx_.prepare("SELECT " INSTANCE_COLUMNS "FROM instances i "
                          "WHERE i.node=?1 AND i.state<>?2 ORDER BY i.instance_id"));
  q.bind(1, node).bind(2, to_string(InstanceState::terminated));
  return read_all(q);
}

Result<std::vector<Instance>> Instances::changed_since(std::int64_t revision) {
  TRY(auto q, tx_.prepare("SELECT " LISTED_COLUMNS
                          "FROM instances i WHERE i.revision>?1 ORDER BY i.revision"));
  q.bind(1, revision);
  TRY(auto instances, all_rows(q, read_instance));
  if (instances.empty()) return instances;
  TRY_VOID(load_all_details(instances, "i.revision>?1",
                            [revision](Query& details) { details.bind(1, revision); }));
  return instances;
}

Result<bool> Instances::any_in_group(const GroupId& group) {
  TRY(auto q, tx_.prepare("SELECT 1 FROM instance_groups g JOIN instances i "
                          "ON i.instance_id=g.instance_id WHERE g.group_id=?1 AND i.state<>?2 "
                          "LIMIT 1"));
  q.bind(1, group).bind(2, to_string(InstanceState::terminated));
  return q.step();
}

Result<bool> Instances::any_of_image(const ImageId& image) {
  TRY(auto q, tx_.prepare("SELECT 1 FROM instances WHERE (image_id=?1 OR kernel_id=?1 OR "
                          "ramdisk_id=?1) AND state<>?2 LIMIT 1"));
  q.bind(1, image).bind(2, to_string(InstanceState::terminated));
  return q.step();
}

Result<bool> Instances::place(const InstanceId& id, std::int64_t placement_no, const NodeName& node,
                              common::SysTime now) {
  TRY(const auto revision, next_revision());
  TRY(auto q, tx_.prepare("UPDATE instances SET node=?3, changed_at_ms=?4, revision=?5 "
                          "WHERE instance_id=?1 AND placement_no=?2 AND node='' AND state=?6 "
                          "AND wants_to_run=1 RETURNING zone, promised_node, vcpus, memory_mib, "
                          "disk_gib, ephemeral_gib, swap_mib"));
  q.bind(1, id).bind(2, placement_no).bind(3, node).bind(4, to_ms(now)).bind(5, revision);
  q.bind(6, to_string(InstanceState::pending));
  TRY(const bool placed, q.step());
  if (!placed) return false;
  const auto zone = q.id<ZoneName>(0);
  const auto promised = q.id<NodeName>(1);
  const auto room = room_of({q.integer(2), q.integer(3), q.integer(4)}, q.integer(5), q.integer(6));
  q.reset();
  TRY_VOID(NodeUsage(tx_).take_away(zone, promised, room));
  TRY_VOID(NodeUsage(tx_).add(zone, node, room));
  return true;
}

Result<bool> Instances::place_where_it_fits(const InstanceId& id, std::int64_t placement_no,
                                            const NodeName& node, const Resources& total,
                                            common::SysTime now) {
  TRY(const auto found, find(id));
  if (!found) return false;
  if (found->promised_node != node) {
    TRY(auto sum, NodeUsage(tx_).of_node(found->zone, node));
    sum += found->room();
    if (sum.vcpus > total.vcpus || sum.memory_mib > total.memory_mib ||
        sum.disk_gib > total.disk_gib)
      return false;
  }
  return place(id, placement_no, node, now);
}

Result<bool> Instances::unplace(const InstanceId& id, std::int64_t placement_no,
                                common::SysTime now) {
  TRY(const auto found, find(id));
  if (!found || found->placement_no != placement_no || found->node.empty() ||
      found->state != InstanceState::pending)
    return false;
  TRY_VOID(keep_superseded({id, placement_no, found->node, found->zone}));
  TRY(const auto revision, next_revision());
  TRY(auto q,
      tx_.prepare(
          "UPDATE instances SET node='', promised_node='', "
          "placement_no=placement_no+1, changed_at_ms=?2, revision=?3 WHERE instance_id=?1"));
  q.bind(1, id).bind(2, to_ms(now)).bind(3, revision);
  TRY_VOID(q.run());
  TRY_VOID(NodeUsage(tx_).take_away(found->zone, found->node, found->room()));
  TRY_VOID(NodeUsage(tx_).add(found->zone, NodeName(), found->room()));
  return true;
}

Result<std::optional<InstanceState>> Instances::want_end(const InstanceId& id, StateReason reason,
                                                         common::SysTime now) {
  TRY(const auto found, find(id));
  if (!found) return std::optional<InstanceState>();
  const auto before = found->state;
  if (next(before, InstanceEvent::terminate)) {
    TRY(auto q, tx_.prepare("UPDATE instances SET wants_to_run=0 WHERE instance_id=?1"));
    q.bind(1, id);
    TRY_VOID(q.run());
    TRY_VOID(advance(id, found->placement_no, InstanceEvent::terminate, std::move(reason), now));
  }
  return std::optional<InstanceState>(before);
}

Result<bool> Instances::advance(const InstanceId& id, std::int64_t placement_no, InstanceEvent on,
                                StateReason reason, common::SysTime now) {
  TRY(const auto found, find(id));
  if (!found || found->placement_no != placement_no) return false;
  const auto to = next(found->state, on);
  if (!to) return false;
  // The reason of the wish to end it says more than that it ended.
  if (found->state == InstanceState::shutting_down && !found->reason.code.empty())
    reason = found->reason;
  TRY(const auto revision, next_revision());
  TRY(auto q, tx_.prepare("UPDATE instances SET state=?2, reason_code=?3, reason_message=?4, "
                          "changed_at_ms=?5, revision=?6 WHERE instance_id=?1"));
  q.bind(1, id).bind(2, to_string(*to)).bind(3, reason.code).bind(4, reason.message);
  q.bind(5, to_ms(now)).bind(6, revision);
  TRY_VOID(q.run());
  if (*to == InstanceState::terminated) TRY_VOID(finish(*found));
  return true;
}

Result<> Instances::touch(const InstanceId& id) {
  TRY(const auto revision, next_revision());
  TRY(auto q, tx_.prepare("UPDATE instances SET revision=?2 WHERE instance_id=?1"));
  TRY_VOID(q.bind(1, id).bind(2, revision).run());
  return common::ok();
}

Result<> Instances::finish(const Instance& instance) {
  TRY_VOID(Addresses(tx_).give_back(instance.id));
  TRY_VOID(PublicAddresses(tx_).leave(instance.id));
  TRY_VOID(ProfileAssociations(tx_).remove(instance.id));
  TRY(auto q, tx_.prepare("UPDATE instances SET mac='', private_ip=0, wants_to_run=0 "
                          "WHERE instance_id=?1"));
  q.bind(1, instance.id);
  TRY_VOID(q.run());
  TRY_VOID(AccountUsage(tx_).take_away(instance));
  return NodeUsage(tx_).take_away(instance.zone, instance.home(), instance.room());
}

Result<std::vector<InstanceId>> Instances::purge(common::SysTime until) {
  TRY(auto q, tx_.prepare("DELETE FROM instances WHERE state=?1 AND changed_at_ms<?2 "
                          "RETURNING instance_id"));
  q.bind(1, to_string(InstanceState::terminated)).bind(2, to_ms(until));
  TRY(auto ids, all_rows(q, [](Query& row) { return row.id<InstanceId>(0); }));
  for (const auto& id : ids) TRY_VOID(TagRows(tx_).remove_all(id.value));
  return ids;
}

Result<std::vector<SupersededGuest>> Instances::superseded() {
  TRY(auto q, tx_.prepare("SELECT instance_id, placement_no, node, zone FROM superseded_guests"));
  return all_rows(q, [](Query& row) {
    return SupersededGuest{row.id<InstanceId>(0), row.integer(1), row.id<NodeName>(2),
                           row.id<ZoneName>(3)};
  });
}

Result<> Instances::keep_superseded(const SupersededGuest& guest) {
  TRY(auto q, tx_.prepare("INSERT INTO superseded_guests (instance_id, placement_no, node, zone) "
                          "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"));
  q.bind(1, guest.id).bind(2, guest.placement_no).bind(3, guest.node).bind(4, guest.zone);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Instances::forget_superseded(const InstanceId& id, std::int64_t placement_no) {
  TRY(auto q,
      tx_.prepare("DELETE FROM superseded_guests WHERE instance_id=?1 AND placement_no=?2"));
  q.bind(1, id).bind(2, placement_no);
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::clc
