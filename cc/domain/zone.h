// The node table of a zone: what each node said last, who is silent, which room is held for guests
// that are on their way. All of it is in memory and comes back from the nodes after a restart.
//
// Pure: no I/O, time is handed in. One thread at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "cc/domain/node.h"
#include "cc/domain/placement_policy.h"

namespace angophora::cc {

// Room asked for one placement of a guest. A guest that is placed anew has a higher number.
struct RoomRequest {
  InstanceId id;
  std::int64_t placement_no = 0;
  Resources wanted;
  NodeName promised{};  // the node on which the cloud keeps this room; empty when on none
};

// What the cloud controller's books say is given away of each node: to guests that were placed
// there, and to those it has promised room and has not placed yet.
using Books = std::map<NodeName, Resources>;

struct RoomReply {
  InstanceId id;
  std::int64_t placement_no = 0;
  NodeName node;       // empty when there is no room
  std::string reason;  // then: why
};

struct ZoneLimits {
  std::int64_t cpu_overcommit_percent = 100;  // of a node's processors that guests may be given
  common::Duration reservation_life = std::chrono::seconds(60);
  common::Duration silence_max = std::chrono::seconds(3);
  common::Duration refusal_memory = std::chrono::minutes(5);
};

// A node as the cloud controller sees it.
struct NodeView {
  NodeName name;
  // Valid until the next change; empty for a node that never reported.
  const NodeReport* report = nullptr;
  bool reachable = false;  // has reported since this controller's start and is not silent
  bool takes_guests = false;
  std::string reason;                // why it takes none
  Resources total;                   // what may be given to guests, overcommit included
  std::int64_t guest_vcpus_max = 0;  // that one guest may have: overcommit makes no machine larger
  std::chrono::milliseconds silent{};
};

class Zone {
 public:
  // `changed` is called after each change that view() shows.
  Zone(std::unique_ptr<PlacementPolicy> policy, ZoneLimits limits, std::function<void()> changed);

  // The nodes that the registry lists for this zone; others are forgotten.
  void set_members(const std::vector<Member>& members);

  // A node answered a question that was asked at `asked`.
  void reported(const NodeName& name, NodeReport report, SteadyTime asked, SteadyTime now);
  // A question to the node was not answered, for this reason: shown once it counts as silent.
  void unanswered(const NodeName& name, std::string why);
  // Marks the nodes that have been silent for too long. Call when one may have become so.
  void find_silent(SteadyTime now);
  // When find_silent() has to be called for this node, if it does not report before.
  std::optional<SteadyTime> silent_at(const NodeName& name) const;

  // Finds and holds room. The policy chooses among the nodes that have it both by what they report
  // and by the cloud's books, so that no guest is given what another one was promised; the promised
  // node is the one that is left when all others are full. A repeated request gets the same node
  // while that node can take it; a guest that a node reports already gets that node.
  std::vector<RoomReply> reserve(const std::vector<RoomRequest>& requests, Books books,
                                 SteadyTime now);
  // A node accepted the guest. Until it was asked again, the guest is shown as staging there, so
  // that an older report cannot make it look lost.
  void accepted(const NodeName& name, const InstanceId& id, std::int64_t placement_no,
                SteadyTime now);
  // A node refused the guest for good: its room is free again, and for a while the guest goes there
  // only when no other node has room for it.
  void refused(const NodeName& name, const InstanceId& id, std::int64_t placement_no,
               SteadyTime now);

  // Why nothing should be sent to this node now; nothing when it is there. Errc::not_found for one
  // that is not of this zone, Errc::unavailable for one that is silent or has not reported yet.
  std::optional<common::Error> unreachable(const NodeName& name, SteadyTime now) const;

  std::vector<NodeView> nodes(SteadyTime now) const;
  // The guests of all nodes, with the node's name.
  void for_each_guest(const std::function<void(const NodeName&, const GuestReport&)>& each) const;
  // The node that reports the guest, in its latest placement.
  std::optional<NodeName> node_of(const InstanceId& id) const;
  std::vector<Member> members() const;
  // The network version that the node reported last; nothing before its first report.
  std::optional<std::int64_t> network_version(const NodeName& name) const;
  std::size_t reservations() const { return held_.size(); }

 private:
  struct Accepted {
    std::int64_t placement_no = 0;
    SteadyTime at;
  };
  struct Node {
    Member member;
    bool reported = false;  // since this controller's start
    bool silent = true;
    NodeReport report;
    SteadyTime heard;
    std::string unanswered;  // why the last question was not, "" when it was
    Resources held;          // room reserved here that the node does not count yet
    std::map<InstanceId, Accepted> accepted;
  };
  struct Hold {
    NodeName node;
    std::int64_t placement_no = 0;
    Resources room;
    SteadyTime until;
  };
  struct Holder {
    NodeName node;
    std::int64_t placement_no = 0;
  };
  struct Refusals {
    std::set<NodeName> nodes;
    SteadyTime until;
  };

  Resources total_of(const Node& node) const;
  std::string why_not(const Node& node) const;
  RoomReply reserve_one(const RoomRequest& request, const Books& books, SteadyTime now);
  std::optional<RoomReply> answer_from_memory(const RoomRequest& request, const Books& books,
                                              SteadyTime now);
  bool books_allow(const NodeName& name, const RoomRequest& request, const Books& books) const;
  std::string no_room(const RoomRequest& request) const;
  void release(const InstanceId& id);
  void forget_expired(SteadyTime now);
  void count_guests(const NodeName& name, const NodeReport& before, const NodeReport& after);

  std::unique_ptr<PlacementPolicy> policy_;
  ZoneLimits limits_;
  std::function<void()> changed_;
  std::map<NodeName, Node> nodes_;
  std::unordered_map<InstanceId, Hold> held_;
  std::unordered_map<InstanceId, Refusals> refusals_;
  std::unordered_map<InstanceId, Holder> holders_;  // guests that nodes report
};

}  // namespace angophora::cc
