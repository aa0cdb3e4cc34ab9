// Ports for export servers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "common/base/result.h"

namespace angophora::sc {

// Both 0: the system chooses.
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

// A port of the range at `address` that nobody listens on and that is not in `kept`. Another
// program may take it before it is used. Errc::unavailable when there is none; Errc::io when the
// address is not one of this machine. Any thread.
common::Result<std::uint16_t> find_port(const std::string& address, const PortRange& range,
                                        const std::set<std::uint16_t>& kept);

}  // namespace angophora::sc
