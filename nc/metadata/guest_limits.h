// How fast one guest may ask, so that none can keep the others waiting. I/O thread only.
#pragma once

#include <map>
#include <string>

#include "common/runtime/runtime.h"

namespace angophora::nc {

struct GuestLimitOptions {
  double per_second = 100;
  double burst = 300;                    // cloud-init asks for everything, twice
  std::size_t under_way_max = 32;        // requests of one guest at one time
  std::size_t guests_remembered = 4096;  // more than a node has; bounds the memory
};

class GuestLimits {
 public:
  explicit GuestLimits(GuestLimitOptions options) : options_(options) {}

  // False when this guest has to wait. True takes one from its allowance and counts a request
  // under way until end() is called.
  bool begin(const std::string& guest, common::SteadyTime now);
  void end(const std::string& guest);

 private:
  struct Allowance {
    double left = 0;
    common::SteadyTime at;
    std::size_t under_way = 0;
  };
  void forget_idle(common::SteadyTime now);
  double refilled(const Allowance& allowance, common::SteadyTime now) const;

  GuestLimitOptions options_;
  std::map<std::string, Allowance> guests_;
};

}  // namespace angophora::nc
