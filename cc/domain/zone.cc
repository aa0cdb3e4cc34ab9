#include "cc/domain/zone.h"

#include <algorithm>
#include <set>

namespace angophora::cc {
namespace {

using common::Errc;
using common::Error;

// What view() shows of a report: all but the clock.
bool same_view(const NodeReport& a, const NodeReport& b) {
  return a.boot_id == b.boot_id && a.generation == b.generation && a.ready == b.ready &&
         a.reason == b.reason && a.total == b.total && a.used == b.used &&
         a.network_version == b.network_version && a.guests == b.guests;
}

}  // namespace

std::string to_string(const Resources& r) {
  return std::to_string(r.vcpus) + " processors, " + std::to_string(r.memory_mib) +
         " MiB of memory, " + std::to_string(r.disk_gib) + " GiB of disk";
}

Zone::Zone(std::unique_ptr<PlacementPolicy> policy, ZoneLimits limits,
           std::function<void()> changed)
    : policy_(std::move(policy)), limits_(limits), changed_(std::move(changed)) {}

void Zone::set_members(const std::vector<Member>& listed) {
  auto members = listed;
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.name < b.name; });
  if (members == this->members()) return;
  std::set<NodeName> kept;
  for (const auto& member : members) {
    nodes_[member.name].member = member;
    kept.insert(member.name);
  }
  std::erase_if(held_, [&](const auto& entry) { return !kept.contains(entry.second.node); });
  std::erase_if(holders_, [&](const auto& entry) { return !kept.contains(entry.second.node); });
  std::erase_if(nodes_, [&](const auto& entry) { return !kept.contains(entry.first); });
  changed_();
}

void Zone::count_guests(const NodeName& name, const NodeReport& before, const NodeReport& after) {
  for (const auto& guest : before.guests) {
    const auto at = holders_.find(guest.id);
    if (at != holders_.end() && at->second.node == name) holders_.erase(at);
  }
  for (const auto& guest : after.guests) {
    auto& holder = holders_[guest.id];
    if (holder.node.empty() || holder.placement_no <= guest.placement_no)
      holder = {name, guest.placement_no};
    const auto hold = held_.find(guest.id);
    if (hold != held_.end() && hold->second.placement_no <= guest.placement_no) release(guest.id);
  }
}

void Zone::reported(const NodeName& name, NodeReport report, SteadyTime asked, SteadyTime now) {
  const auto at = nodes_.find(name);
  if (at == nodes_.end()) return;
  Node& node = at->second;
  const bool news = !node.reported || node.silent || !same_view(node.report, report);
  count_guests(name, node.report, report);
  // What was accepted before the question went out is in the answer, or over.
  const auto forgotten =
      std::erase_if(node.accepted, [&](const auto& entry) { return entry.second.at <= asked; });
  node.report = std::move(report);
  node.reported = true;
  node.silent = false;
  node.heard = now;
  node.unanswered.clear();
  if (news || forgotten > 0) changed_();
}

void Zone::unanswered(const NodeName& name, std::string why) {
  const auto at = nodes_.find(name);
  if (at == nodes_.end() || at->second.unanswered == why) return;
  at->second.unanswered = std::move(why);
  if (at->second.silent) changed_();
}

void Zone::find_silent(SteadyTime now) {
  bool news = false;
  for (auto& [name, node] : nodes_) {
    if (node.silent || now - node.heard < limits_.silence_max) continue;
    node.silent = true;
    news = true;
  }
  if (news) changed_();
}

std::optional<SteadyTime> Zone::silent_at(const NodeName& name) const {
  const auto at = nodes_.find(name);
  if (at == nodes_.end() || at->second.silent) return std::nullopt;
  return at->second.heard + limits_.silence_max;
}

Resources Zone::total_of(const Node& node) const {
  Resources total = node.report.total;
  total.vcpus = total.vcpus * limits_.cpu_overcommit_percent / 100;
  return total;
}

std::string Zone::why_not(const Node& node) const {
  const auto& name = node.member.name.value;
  const auto cause = node.unanswered.empty() ? std::string() : ": " + node.unanswered;
  if (!node.reported)
    return "node " + name + " has not reported since the cluster controller started" + cause;
  if (node.silent) return "node " + name + " does not answer" + cause;
  if (!node.member.enabled) return "node " + name + " is stopped by the administrator";
  if (node.report.ready) return {};
  return node.report.reason.empty() ? "node " + name + " is not ready" : node.report.reason;
}

std::vector<RoomReply> Zone::reserve(const std::vector<RoomRequest>& requests, Books books,
                                     SteadyTime now) {
  forget_expired(now);
  std::vector<RoomReply> replies;
  replies.reserve(requests.size());
  for (const auto& request : requests) {
    const auto& reply = replies.emplace_back(reserve_one(request, books, now));
    if (reply.node.empty()) continue;
    // The next request finds the books as the cloud will keep them.
    books[reply.node] += request.wanted;
    if (!request.promised.empty()) books[request.promised] -= request.wanted;
  }
  return replies;
}

bool Zone::books_allow(const NodeName& name, const RoomRequest& request, const Books& books) const {
  if (name == request.promised) return true;
  const auto given = books.find(name);
  const auto total = total_of(nodes_.at(name));
  return (given == books.end() ? total : total - given->second).hold(request.wanted);
}

// What an earlier request, or a node, has settled already.
std::optional<RoomReply> Zone::answer_from_memory(const RoomRequest& request, const Books& books,
                                                  SteadyTime now) {
  RoomReply reply{request.id, request.placement_no, {}, {}};
  auto superseded = [&reply](std::int64_t by) {
    reply.reason =
        reply.id.value + " has been placed again since, as placement " + std::to_string(by);
    return reply;
  };
  if (const auto at = holders_.find(request.id); at != holders_.end()) {
    if (at->second.placement_no > request.placement_no) return superseded(at->second.placement_no);
    if (at->second.placement_no == request.placement_no) {
      reply.node = at->second.node;
      return reply;
    }
  }
  const auto at = held_.find(request.id);
  if (at == held_.end()) return std::nullopt;
  Hold& hold = at->second;
  if (hold.placement_no > request.placement_no) return superseded(hold.placement_no);
  if (hold.placement_no == request.placement_no && hold.room == request.wanted &&
      why_not(nodes_.at(hold.node)).empty() && books_allow(hold.node, request, books)) {
    hold.until = now + limits_.reservation_life;
    reply.node = hold.node;
    return reply;
  }
  release(request.id);
  return std::nullopt;
}

RoomReply Zone::reserve_one(const RoomRequest& request, const Books& books, SteadyTime now) {
  if (auto known = answer_from_memory(request, books, now)) return std::move(*known);
  RoomReply reply{request.id, request.placement_no, {}, {}};
  std::vector<Candidate> fitting;
  for (const auto& [name, node] : nodes_) {
    if (!why_not(node).empty() || !books_allow(name, request, books)) continue;
    const Resources free = total_of(node) - node.report.used - node.held;
    // Overcommit shares processors between guests; it does not make a machine larger.
    if (free.hold(request.wanted) && request.wanted.vcpus <= node.report.total.vcpus)
      fitting.push_back({&name, free});
  }
  if (fitting.empty()) {
    reply.reason = no_room(request);
    return reply;
  }
  if (const auto at = refusals_.find(request.id); at != refusals_.end()) {
    auto others = fitting;
    std::erase_if(others, [&](const auto& c) { return at->second.nodes.contains(*c.name); });
    if (!others.empty()) fitting = std::move(others);
  }
  reply.node = *fitting[policy_->choose(fitting)].name;
  held_[request.id] = {reply.node, request.placement_no, request.wanted,
                       now + limits_.reservation_life};
  nodes_.at(reply.node).held += request.wanted;
  return reply;
}

std::string Zone::no_room(const RoomRequest& request) const {
  if (nodes_.empty()) return "no node is registered in this zone";
  std::string last;
  std::size_t ready = 0;
  for (const auto& [name, node] : nodes_) {
    const auto reason = why_not(node);
    reason.empty() ? void(++ready) : void(last = reason);
  }
  if (ready == 0) return "no node of the zone can take instances: " + last;
  return "none of the zone's " + std::to_string(ready) + " ready nodes has room for " +
         to_string(request.wanted);
}

void Zone::release(const InstanceId& id) {
  const auto at = held_.find(id);
  if (at == held_.end()) return;
  if (const auto node = nodes_.find(at->second.node); node != nodes_.end())
    node->second.held -= at->second.room;
  held_.erase(at);
}

void Zone::forget_expired(SteadyTime now) {
  std::erase_if(refusals_, [now](const auto& entry) { return entry.second.until <= now; });
  std::vector<InstanceId> expired;
  for (const auto& [id, hold] : held_)
    if (hold.until <= now) expired.push_back(id);
  for (const auto& id : expired) release(id);
}

void Zone::accepted(const NodeName& name, const InstanceId& id, std::int64_t placement_no,
                    SteadyTime now) {
  const auto at = nodes_.find(name);
  if (at == nodes_.end()) return;
  at->second.accepted[id] = {placement_no, now};
  // The room stays held until the node counts it itself, however long its next report takes.
  if (const auto hold = held_.find(id); hold != held_.end())
    hold->second.until = now + limits_.reservation_life;
  changed_();
}

void Zone::refused(const NodeName& name, const InstanceId& id, std::int64_t placement_no,
                   SteadyTime now) {
  auto& refusals = refusals_[id];
  refusals.nodes.insert(name);
  refusals.until = now + limits_.refusal_memory;
  const auto at = held_.find(id);
  if (at != held_.end() && at->second.placement_no == placement_no) release(id);
}

std::optional<Error> Zone::unreachable(const NodeName& name, SteadyTime now) const {
  const auto at = nodes_.find(name);
  if (at == nodes_.end())
    return Error(Errc::not_found, "node " + name.value + " is not registered in this zone");
  const Node& node = at->second;
  if (!node.reported) return Error(Errc::unavailable, why_not(node));
  if (!node.silent) return std::nullopt;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - node.heard).count();
  return Error(Errc::unavailable,
               "node " + name.value + " has not answered for " + std::to_string(seconds) + " s");
}

std::vector<NodeView> Zone::nodes(SteadyTime now) const {
  std::vector<NodeView> views;
  for (const auto& [name, node] : nodes_) {
    NodeView view;
    view.name = name;
    view.report = &node.report;
    view.reachable = !node.silent;
    view.reason = why_not(node);
    view.takes_guests = view.reason.empty();
    view.total = total_of(node);
    view.guest_vcpus_max = node.report.total.vcpus;
    if (node.reported)
      view.silent = std::chrono::duration_cast<std::chrono::milliseconds>(now - node.heard);
    views.push_back(std::move(view));
  }
  return views;
}

void Zone::for_each_guest(
    const std::function<void(const NodeName&, const GuestReport&)>& each) const {
  for (const auto& [name, node] : nodes_) {
    std::map<InstanceId, Accepted> unseen = node.accepted;
    for (const auto& guest : node.report.guests) {
      const auto at = unseen.find(guest.id);
      // The report may still show the placement before this one.
      if (at != unseen.end() && at->second.placement_no > guest.placement_no) continue;
      if (at != unseen.end()) unseen.erase(at);
      each(name, guest);
    }
    for (const auto& [id, order] : unseen) {
      GuestReport guest;
      guest.id = id;
      guest.placement_no = order.placement_no;
      guest.state = "staging";
      each(name, guest);
    }
  }
}

std::optional<NodeName> Zone::node_of(const InstanceId& id) const {
  const auto at = holders_.find(id);
  if (at == holders_.end()) return std::nullopt;
  return at->second.node;
}

std::vector<Member> Zone::members() const {
  std::vector<Member> members;
  for (const auto& [name, node] : nodes_) members.push_back(node.member);
  return members;
}

std::optional<std::int64_t> Zone::network_version(const NodeName& name) const {
  const auto at = nodes_.find(name);
  if (at == nodes_.end() || !at->second.reported) return std::nullopt;
  return at->second.report.network_version;
}

}  // namespace angophora::cc
