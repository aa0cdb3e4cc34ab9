// What goes wrong. The seed decides how bad the weather is, which daemons die and how often, who
// cannot hear whom and for how long, how far the clocks are off, and what befalls the storage.
#pragma once

#include <random>

#include "tests/sim/cloud.h"

namespace angophora::sim {

// Why a snapshot may have failed.
inline constexpr char kDiskFull[] = "the disk is full";

class Faults {
 public:
  Faults(Cloud& cloud, std::uint64_t seed);

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
  // Storage daemons of volumes die, exports fail, the disk is full for a while.
  void trouble_storage_sometimes();
  void trouble_storage();
  void crash(Host& host);
  void later(Duration wait, void (Faults::*what)());

  Cloud& cloud_;
  common::SimWorld& world_;
  bool on_ = false;
  Weather weather_;
  Duration partition_mean_{}, disaster_mean_{}, storage_mean_{};
  std::mt19937_64 storage_dice_;
};

}  // namespace angophora::sim
