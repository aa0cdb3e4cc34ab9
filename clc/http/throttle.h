// How fast an account may ask, so that one account's storm leaves the others alone: a bucket of
// tokens for each account and API, which fills at a steady rate. I/O thread only.
#pragma once

#include <map>
#include <utility>

#include "clc/actions/action.h"

namespace angophora::clc {

enum class ThrottleErrc { too_fast = 1 };
std::string_view to_string(ThrottleErrc e);

// Requests a second, and how many at once after a rest. A rate of 0 limits nobody.
struct Rate {
  double per_second = 0;
  double burst = 0;
};

class Throttle {
 public:
  explicit Throttle(std::size_t remembered_max = 10'000) : remembered_max_(remembered_max) {}

  // ThrottleErrc::too_fast when the account has no token left. A refusal costs none: who slows down
  // to the rate gets the rate.
  Result<> take(const AccountId& account, Api api, const Rate& rate, common::SteadyTime now);

 private:
  struct Bucket {
    double tokens = 0;
    common::SteadyTime at;
  };
  static double filled(const Bucket& bucket, const Rate& rate, common::SteadyTime now);

  std::size_t remembered_max_;
  std::map<std::pair<AccountId, Api>, Bucket> buckets_;
};

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, ThrottleErrc)
