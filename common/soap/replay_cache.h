// Remembers the messages that were accepted, so that none is accepted twice. Bounded, and full
// means no: an attacker cannot make it forget. I/O thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/base/time.h"
#include "common/soap/fault.h"

namespace angophora::soap {

using common::SysTime;

class ReplayCache {
 public:
  // `per_signer_max` keeps one signer from filling the memory of all.
  ReplayCache(std::size_t entries_max, std::size_t per_signer_max);

  // Remembers the message until `until`. SoapErrc::replayed when it is remembered already,
  // SoapErrc::overloaded when there is no room.
  Result<> accept(std::string_view thumbprint, std::string_view message_id, SysTime until,
                  SysTime now);
  std::size_t size() const { return seen_.size(); }

 private:
  struct Entry {
    std::string digest;  // of thumbprint and id, 16 raw bytes
    std::string thumbprint;
  };
  void forget_expired(SysTime now);

  std::size_t entries_max_, per_signer_max_;
  std::unordered_set<std::string> seen_;
  std::unordered_map<std::string, std::size_t> of_signer_;
  std::map<std::int64_t, std::vector<Entry>> by_second_;  // the first second they may be forgotten
};

}  // namespace angophora::soap
