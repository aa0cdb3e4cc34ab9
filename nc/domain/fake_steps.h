// For fakes of what is around a node controller: each call of theirs is two steps, before and
// after its effect, and the daemon can be stopped in any of them for good, as a kill does it.
#pragma once

#include "common/runtime/runtime.h"

namespace angophora::nc {

class FakeSteps {
 public:
  // Steps are counted from 1; none is the last one at 0.
  void stop_at(common::Runtime& runtime, int number) {
    runtime_ = &runtime;
    last_ = number;
    count = 0;
  }
  void run_on() { runtime_ = nullptr; }

  common::awaitable<void> step() {
    ++count;
    while (runtime_ && last_ > 0 && count >= last_)
      co_await runtime_->sleep_for(std::chrono::hours(1));
  }

  int count = 0;

 private:
  common::Runtime* runtime_ = nullptr;
  int last_ = 0;
};

}  // namespace angophora::nc
