#include "nc/metadata/guest_limits.h"

#include <algorithm>

namespace angophora::nc {

double GuestLimits::refilled(const Allowance& allowance, common::SteadyTime now) const {
  const std::chrono::duration<double> passed = now - allowance.at;
  return std::min(options_.burst, allowance.left + passed.count() * options_.per_second);
}

bool GuestLimits::begin(const std::string& guest, common::SteadyTime now) {
  if (guests_.size() >= options_.guests_remembered && !guests_.contains(guest)) forget_idle(now);
  const auto [it, added] = guests_.try_emplace(guest, Allowance{options_.burst, now, 0});
  auto& allowance = it->second;
  allowance.left = refilled(allowance, now);
  allowance.at = now;
  if (allowance.left < 1 || allowance.under_way >= options_.under_way_max) return false;
  allowance.left -= 1;
  ++allowance.under_way;
  return true;
}

void GuestLimits::end(const std::string& guest) {
  const auto found = guests_.find(guest);
  if (found != guests_.end() && found->second.under_way > 0) --found->second.under_way;
}

// Whoever has his whole allowance again is as good as new.
void GuestLimits::forget_idle(common::SteadyTime now) {
  std::erase_if(guests_, [&](const auto& entry) {
    return entry.second.under_way == 0 && refilled(entry.second, now) >= options_.burst;
  });
}

}  // namespace angophora::nc
