// Forgets what has been over for long enough: terminated instances after an hour, deregistered
// images once nothing uses them.
#pragma once

#include "clc/reconcilers/reconciling.h"

namespace angophora::clc {

class Sweeper {
 public:
  explicit Sweeper(Reconciling& shared) : shared_(shared) {}
  // Until the daemon stops.
  common::awaitable<void> run();
  Task<> sweep();

 private:
  Task<> sweep_images();
  Reconciling& shared_;
};

}  // namespace angophora::clc
