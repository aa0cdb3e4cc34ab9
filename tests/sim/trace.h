// What happened in a simulation, in its order: a line each with the simulated time, and a digest
// of all lines, by which two runs of one seed are compared. What must never happen is noted here
// as well, and ends the run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/runtime/sim_runtime.h"

namespace angophora::sim {

class Trace {
 public:
  Trace(common::SimWorld& world, bool print) : world_(world), print_(print) {}

  void note(std::string_view line);
  // Something that must never happen. The first one counts.
  void violate(std::string what);

  const std::optional<std::string>& violation() const { return violation_; }
  std::uint64_t digest() const { return digest_; }
  std::uint64_t lines() const { return lines_; }

 private:
  common::SimWorld& world_;
  const bool print_;
  std::uint64_t digest_ = 14695981039346656037u;  // FNV-1a
  std::uint64_t lines_ = 0;
  std::optional<std::string> violation_;
};

}  // namespace angophora::sim
