// What goes wrong. The seed decides how bad the weather is, which daemons die and how often, who
// cannot hear whom and for how long, and how far the clocks are off.
#pragma once

#include "tests/sim/cloud.h"

namespace angophora::sim {

class Faults {
 public:
  explicit Faults(Cloud& cloud);

  // The clocks go wrong at once, the rest from begin() to stop().
  void begin();
  // All daemons are started, all messages arrive again.
  void stop();

 private:
  std::uint64_t pick(std::initializer_list<std::uint64_t> choices);
  Duration about(Duration mean);
  void crash_sometimes(Host& host, Duration mean);
  void partition_sometimes();
  void disaster_sometimes();
  void crash(Host& host);
  void later(Duration wait, void (Faults::*what)());

  Cloud& cloud_;
  common::SimWorld& world_;
  bool on_ = false;
  Weather weather_;
  Duration partition_mean_{}, disaster_mean_{};
};

}  // namespace angophora::sim
