#include "common/soap/replay_cache.h"

#include "common/crypto/digest.h"

namespace angophora::soap {

ReplayCache::ReplayCache(std::size_t entries_max, std::size_t per_signer_max)
    : entries_max_(entries_max), per_signer_max_(per_signer_max) {}

Result<> ReplayCache::accept(std::string_view thumbprint, std::string_view message_id,
                             SysTime until, SysTime now) {
  forget_expired(now);
  // The thumbprint has a fixed size, so the two cannot run into each other.
  auto digest = crypto::sha256(std::string(thumbprint) + std::string(message_id)).substr(0, 16);
  if (seen_.contains(digest))
    return Error(SoapErrc::replayed, "the message " + std::string(message_id) + " came before");
  std::string signer(thumbprint);
  auto& count = of_signer_[signer];
  if (seen_.size() >= entries_max_ || count >= per_signer_max_) {
    if (count == 0) of_signer_.erase(signer);
    return Error(SoapErrc::overloaded, "too many messages are remembered already");
  }
  ++count;
  seen_.insert(digest);
  const auto second = std::chrono::ceil<std::chrono::seconds>(until).time_since_epoch().count() + 1;
  by_second_[second].push_back({std::move(digest), std::move(signer)});
  return common::ok();
}

void ReplayCache::forget_expired(SysTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  while (!by_second_.empty() && by_second_.begin()->first <= second) {
    for (const auto& entry : by_second_.begin()->second) {
      seen_.erase(entry.digest);
      if (--of_signer_[entry.thumbprint] == 0) of_signer_.erase(entry.thumbprint);
    }
    by_second_.erase(by_second_.begin());
  }
}

}  // namespace angophora::soap
