// What this controller does with every node of its zone, all the time: it asks how the node is (a
// long poll, so that news travel at once and silence is noticed) and brings it the newest network
// document. Two coroutines per node; they end when the node leaves the registry.
//
// I/O thread only. Outlives the runtime's coroutines.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "cc/domain/zone.h"
#include "common/soap/channel.h"

namespace angophora::cc {

class Nodes {
 public:
  Nodes(common::Runtime& runtime, soap::Channel& channel, Zone& zone);

  void set_members(const std::vector<Member>& members);

  // The newest document wins; an older one changes nothing. Returns the version that is held.
  std::int64_t set_network(t__networkDocument document);

 private:
  struct Loops {
    explicit Loops(NodeName n) : name(std::move(n)) {}
    NodeName name;
    bool gone = false;
    // What the node said last, for the next question.
    std::optional<std::string> boot_id;
    std::int64_t generation = 0;
    common::Wake news;  // a report, or a new document
    common::Runtime::TimerId silence_timer = 0;
    // What the node took, until a report that was asked for afterwards says so itself.
    std::int64_t network_taken = 0;
    common::SteadyTime network_taken_at;
  };
  using LoopsPtr = std::shared_ptr<Loops>;

  bool runs(const Loops& loops) const { return !loops.gone && !runtime_.stopping(); }
  common::awaitable<void> poll(LoopsPtr loops);
  common::awaitable<void> push(LoopsPtr loops);
  void heard(const LoopsPtr& loops, const node__DescribeNodeResponseType& answer,
             common::SteadyTime asked);
  void watch_silence(const LoopsPtr& loops);
  bool needs_network(const Loops& loops) const;

  common::Runtime& runtime_;
  soap::Channel& channel_;
  Zone& zone_;
  std::map<NodeName, LoopsPtr> loops_;
  std::shared_ptr<const t__networkDocument> network_;
};

}  // namespace angophora::cc
