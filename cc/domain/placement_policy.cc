#include "cc/domain/placement_policy.h"

#include "common/base/text.h"

namespace angophora::cc {

common::Result<std::unique_ptr<PlacementPolicy>> make_policy(std::string_view name) {
  if (common::equal_ignore_case(name, "GREEDY")) return make_greedy();
  if (common::equal_ignore_case(name, "ROUNDROBIN")) return make_round_robin();
  return common::Error(
      common::Errc::invalid_argument,
      "there is no placement policy '" + std::string(name) + "': choose GREEDY or ROUNDROBIN");
}

}  // namespace angophora::cc
