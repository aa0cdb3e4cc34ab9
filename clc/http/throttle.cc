#include "clc/http/throttle.h"

#include <algorithm>

namespace angophora::clc {

std::string_view to_string(ThrottleErrc) { return "too many requests"; }

double Throttle::filled(const Bucket& bucket, const Rate& rate, common::SteadyTime now) {
  const std::chrono::duration<double> passed = now - bucket.at;
  return std::min(rate.burst, bucket.tokens + passed.count() * rate.per_second);
}

Result<> Throttle::take(const AccountId& account, Api api, const Rate& rate,
                        common::SteadyTime now) {
  if (rate.per_second <= 0) return common::ok();
  const std::pair key(account, api);
  // Who has rested long enough is as good as new.
  if (buckets_.size() >= remembered_max_ && !buckets_.contains(key))
    std::erase_if(buckets_,
                  [&](const auto& entry) { return filled(entry.second, rate, now) >= rate.burst; });
  auto& bucket = buckets_.try_emplace(key, Bucket{rate.burst, now}).first->second;
  bucket.tokens = filled(bucket, rate, now);
  bucket.at = now;
  if (bucket.tokens < 1) return Error(ThrottleErrc::too_fast, "Request limit exceeded.");
  bucket.tokens -= 1;
  return common::ok();
}

}  // namespace angophora::clc
