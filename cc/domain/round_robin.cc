// ROUNDROBIN gives each guest to the node after the one that got the last, so that load spreads.
#include "cc/domain/placement_policy.h"

namespace angophora::cc {
namespace {

class RoundRobin final : public PlacementPolicy {
 public:
  std::size_t choose(std::span<const Candidate> fitting) override {
    std::size_t chosen = 0;
    while (chosen < fitting.size() && *fitting[chosen].name <= last_) ++chosen;
    if (chosen == fitting.size()) chosen = 0;
    last_ = *fitting[chosen].name;
    return chosen;
  }

 private:
  NodeName last_;  // empty comes before every name
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_round_robin() { return std::make_unique<RoundRobin>(); }

}  // namespace angophora::cc
