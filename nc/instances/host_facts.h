// What the host has to give. Blocking; pool only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "nc/domain/resources.h"

namespace angophora::nc {

struct HostFacts {
  Resources total;      // for guests
  std::string boot_id;  // changes when the host restarts
  // GiB of disk for guests as the host is now, for a disk that was full or has grown; blocking.
  // Null when the figure is the operator's.
  std::function<common::Result<std::uint64_t>()> disk_gib = nullptr;
};

struct HostLimits {
  // 0: as the host is.
  std::uint64_t vcpus = 0;
  std::uint64_t memory_mib = 0;
  std::uint64_t disk_gib = 0;
  // Kept from the guests where the figure is the host's; of the disk at most half.
  std::uint64_t memory_reserve_mib = 0;
  std::uint64_t disk_reserve_mib = 0;
};

// `dirs`, of instances first, then what the reserve is for, are on one file system; what is taken
// there already counts as free.
common::Result<HostFacts> read_host_facts(const std::vector<std::string>& dirs,
                                          const HostLimits& limits);

// Errc::permission_denied names the folder on the way to `dir` that `user` may not pass.
common::Result<> check_way(const std::string& user, const std::string& dir);

}  // namespace angophora::nc
