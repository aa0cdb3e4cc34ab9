#include "sc/exports/turns.h"

namespace angophora::sc {

Task<Turns::Turn> Turns::take(VolumeId volume) {
  constexpr std::chrono::seconds kLimit{30};
  const auto give_up = runtime_.steady_now() + kLimit;
  for (;;) {
    const auto seen = given_back_.notified();
    if (taken_.insert(volume).second) co_return Turn(*this, std::move(volume));
    const auto left = give_up - runtime_.steady_now();
    if (runtime_.stopping())
      co_return Error(common::Errc::cancelled, "the storage controller is stopping");
    if (left <= left.zero())
      co_return Error(common::Errc::timed_out, "volume " + volume.value + " is busy");
    co_await given_back_.wait(runtime_, left, seen);
  }
}

void Turns::give_back(const VolumeId& volume) {
  taken_.erase(volume);
  given_back_.notify();
}

}  // namespace angophora::sc
