// Instances, and with them the addresses they hold and what they take of the nodes. States change
// through the table in domain/instance_state.h only.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "clc/domain/addresses.h"
#include "clc/domain/capacity.h"
#include "clc/domain/instance.h"
#include "clc/store/rows.h"

namespace angophora::clc {

// A guest that a node may still hold after the instance was taken from it.
struct SupersededGuest {
  InstanceId id;
  std::int64_t placement_no = 0;
  NodeName node;
  ZoneName zone;
};

class Instances {
 public:
  explicit Instances(Tx& tx) : tx_(tx) {}

  // Stores a new instance in `pending`, with its groups and tags; its room counts from now on. Its
  // address and MAC must have been taken by Addresses in the same transaction.
  Result<> insert(const Instance& instance);

  Result<std::optional<Instance>> find(const InstanceId& id);
  // By id and without user data: those after `after`, at most `count`. An empty account means all
  // accounts.
  Result<std::vector<Instance>> list_after(const AccountId& account, const InstanceId& after,
                                           std::int64_t count);
  Result<std::vector<Instance>> list(const AccountId& account) {
    return list_after(account, InstanceId(), INT64_MAX);
  }
  Result<std::vector<Instance>> of_reservation(const ReservationId& reservation);
  // Every instance that changed after `revision`, in the order of their changes, without user data.
  Result<std::vector<Instance>> changed_since(std::int64_t revision);
  // How many the account has that are not terminated.
  // Those that a node holds and that have not ended.
  Result<std::vector<Instance>> on_node(const NodeName& node);
  // True when an instance that is not terminated is in the group.
  Result<bool> any_in_group(const GroupId& group);
  Result<bool> any_of_image(const ImageId& image);

  // Commits a node for placement `placement_no`; false when the instance no longer waits for one.
  Result<bool> place(const InstanceId& id, std::int64_t placement_no, const NodeName& node,
                     common::SysTime now);
  // The same where the books have room for it on that node, which has `total`, or its own promise
  // is there; false otherwise as well.
  Result<bool> place_where_it_fits(const InstanceId& id, std::int64_t placement_no,
                                   const NodeName& node, const Resources& total,
                                   common::SysTime now);
  // Takes a pending instance from its node: the placement is over, the next one has a higher
  // number, and the node is to destroy what it may hold. False when that placement is not current.
  Result<bool> unplace(const InstanceId& id, std::int64_t placement_no, common::SysTime now);
  // The user no longer wants it. The state before, or nothing when there is no such instance.
  Result<std::optional<InstanceState>> want_end(const InstanceId& id, StateReason reason,
                                                common::SysTime now);
  // Moves it along the life cycle; false when that placement is not current or the table refuses
  // the event. On the way to `terminated` it gives back its addresses and its room.
  Result<bool> advance(const InstanceId& id, std::int64_t placement_no, InstanceEvent on,
                       StateReason reason, common::SysTime now);

  // Tells whoever follows the instances that this one is to be looked at again.
  Result<> touch(const InstanceId& id);

  // Forgets instances that have been terminated since before `until`; returns which.
  Result<std::vector<InstanceId>> purge(common::SysTime until);

  Result<std::vector<SupersededGuest>> superseded();
  Result<> keep_superseded(const SupersededGuest& guest);
  Result<> forget_superseded(const InstanceId& id, std::int64_t placement_no);

 private:
  Result<std::vector<Instance>> read_all(Query& q);
  Result<> load_details(std::vector<Instance>& instances);
  template <class Bind>
  Result<> load_all_details(std::vector<Instance>& instances, const std::string& which, Bind bind);
  Result<std::int64_t> next_revision();
  Result<> finish(const Instance& instance);
  Tx& tx_;
};

// Private addresses and MACs, each given to one instance at a time.
class Addresses {
 public:
  explicit Addresses(Tx& tx) : tx_(tx) {}

  struct Taken {
    std::uint32_t address = 0;
    std::string mac;
  };
  // Takes an address that was not used for as long as possible. `mac_candidates` are tried in
  // turn. InstanceErrc::no_free_address when the network is full.
  Result<Taken> take(const InstanceNetwork& network, const InstanceId& instance,
                     std::span<const std::string> mac_candidates);
  Result<> give_back(const InstanceId& instance);

 private:
  Result<std::optional<std::uint32_t>> find_free(const InstanceNetwork& network);
  Result<bool> insert(std::uint32_t address, const std::string& mac, const InstanceId& instance);
  Tx& tx_;
};

// How many instances that are not terminated each account has and what they take, kept as sums.
class AccountUsage {
 public:
  explicit AccountUsage(Tx& tx) : tx_(tx) {}
  Result<> add(const Instance& instance);
  Result<> take_away(const Instance& instance);
  // Counts afresh; at every start.
  Result<> rebuild();

 private:
  Result<> change(const Instance& instance, std::int64_t sign);
  Tx& tx_;
};

// The books: what the instances of a zone take of its nodes, kept as sums. Those without a node
// count where they were promised their room; "" is the node of those with neither.
class NodeUsage {
 public:
  explicit NodeUsage(Tx& tx) : tx_(tx) {}
  Result<> add(const ZoneName& zone, const NodeName& node, const Resources& resources);
  Result<> take_away(const ZoneName& zone, const NodeName& node, const Resources& resources);
  Result<Resources> of_node(const ZoneName& zone, const NodeName& node);
  Result<std::map<NodeName, Resources>> by_node(const ZoneName& zone);
  Result<std::vector<Unplaced>> unplaced(const ZoneName& zone);
  // Computes all sums afresh from the instances; at every start.
  Result<> rebuild();

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
