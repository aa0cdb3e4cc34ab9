// What a node has, what its instances hold, and whether one more fits. No I/O.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "nc/domain/instance.h"

namespace angophora::nc {

struct Resources {
  std::uint64_t vcpus = 0;
  std::uint64_t memory_mib = 0;
  std::uint64_t disk_gib = 0;
  bool operator==(const Resources&) const = default;
};

// What an instance of that type holds from the order until it is over.
Resources held_by(const InstanceSpec& spec);

// Memory and disk are promised once; processors are shared as the cluster controller decides, but
// no guest may have more of them than the node. Errc::limit_exceeded with the figures otherwise.
common::Result<> check_fit(const Resources& total, const Resources& used,
                           const InstanceSpec& wanted);

}  // namespace angophora::nc
