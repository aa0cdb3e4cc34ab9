// Who may use the volume: the newest connection alone.
//
// A client that lost its connection comes back with a new one and repeats what it got no answer
// to. What the old connection had begun must be over before the first request of the new one,
// and nothing of the old one may run afterwards.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <shared_mutex>

namespace angophora::sc {

// Any thread.
class Holder {
 public:
  // Makes the caller's connection the one that counts, when requests under way are over. The
  // number is the connection's.
  std::uint64_t take() {
    const auto number = ++newest_;  // from here on the older ones begin nothing
    const std::unique_lock what_they_began(mutex_);
    return number;
  }

  // While it lives no newer connection comes in; false when one has come before.
  class Request {
   public:
    Request(Holder& holder, std::uint64_t connection)
        : lock_(holder.mutex_), counts_(holder.newest_ == connection) {}
    explicit operator bool() const { return counts_; }

   private:
    std::shared_lock<std::shared_mutex> lock_;
    bool counts_;
  };

 private:
  std::shared_mutex mutex_;
  std::atomic<std::uint64_t> newest_{0};
};

}  // namespace angophora::sc
