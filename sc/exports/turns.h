// One thing at a time per volume.
#pragma once

#include <set>
#include <utility>

#include "common/runtime/runtime.h"
#include "sc/domain/volume.h"

namespace angophora::sc {

using common::Task;

// I/O thread only. Outlives its turns.
class Turns {
 public:
  explicit Turns(common::Runtime& runtime) : runtime_(runtime) {}

  // The volume is the owner's until this goes.
  class Turn {
   public:
    Turn(Turns& turns, VolumeId volume) : turns_(&turns), volume_(std::move(volume)) {}
    Turn(Turn&& other) noexcept
        : turns_(std::exchange(other.turns_, nullptr)), volume_(std::move(other.volume_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_) turns_->give_back(volume_);
    }

   private:
    Turns* turns_;
    VolumeId volume_;
  };

  // Errc::timed_out when others have it for too long, Errc::cancelled when the daemon stops.
  Task<Turn> take(VolumeId volume);

 private:
  void give_back(const VolumeId& volume);

  common::Runtime& runtime_;
  std::set<VolumeId> taken_;
  common::Wake given_back_;
};

}  // namespace angophora::sc
