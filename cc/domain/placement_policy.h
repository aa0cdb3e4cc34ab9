// Which of the nodes that fit gets a guest. One file per policy; make_policy() knows their names.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "cc/domain/node.h"
#include "common/base/result.h"

namespace angophora::cc {

// A node that has room for the guest.
struct Candidate {
  const NodeName* name = nullptr;
  Resources free;
};

class PlacementPolicy {
 public:
  virtual ~PlacementPolicy() = default;
  // The index of the chosen one. `fitting` is never empty and is sorted by name.
  virtual std::size_t choose(std::span<const Candidate> fitting) = 0;
};

std::unique_ptr<PlacementPolicy> make_greedy();
std::unique_ptr<PlacementPolicy> make_round_robin();

// By name, in any case: GREEDY or ROUNDROBIN. Errc::invalid_argument for another.
common::Result<std::unique_ptr<PlacementPolicy>> make_policy(std::string_view name);

}  // namespace angophora::cc
