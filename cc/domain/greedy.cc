// GREEDY fills one node before it starts on the next, so that whole nodes stay free.
#include "cc/domain/placement_policy.h"

namespace angophora::cc {
namespace {

class Greedy final : public PlacementPolicy {
 public:
  std::size_t choose(std::span<const Candidate>) override { return 0; }
};

}  // namespace

std::unique_ptr<PlacementPolicy> make_greedy() { return std::make_unique<Greedy>(); }

}  // namespace angophora::cc
