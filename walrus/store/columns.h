// How values stand in columns. For this folder's .cc files.
#pragma once

#include <chrono>
#include <cstdint>

#include "common/base/time.h"

namespace angophora::walrus {

inline std::int64_t milliseconds_of(common::SysTime t) { return t.time_since_epoch().count(); }
inline common::SysTime time_of(std::int64_t ms) {
  return common::SysTime(std::chrono::milliseconds(ms));
}

}  // namespace angophora::walrus
