// The audit log of a daemon: every API call, one JSON object a line, in the shape of AWS
// CloudTrail.
//
// Threads: I/O thread only; files are written on the pool, many records at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/audit/store.h"
#include "common/runtime/runtime.h"

namespace angophora::audit {

class Log {
 public:
  static Task<std::unique_ptr<Log>> open(common::Runtime& runtime, std::string folder,
                                         Limits limits);

  // Returns when the record is written: an answer that waits for it was not given unseen. A log
  // that cannot be written (a full disk) is told to the daemon's own log and counted in lost();
  // calls are served all the same.
  boost::asio::awaitable<void> append(std::string record);
  std::uint64_t lost() const { return lost_; }

 private:
  Log(common::Runtime& runtime, std::shared_ptr<Store> store)
      : runtime_(runtime), store_(std::move(store)) {}
  boost::asio::awaitable<void> write_pending();
  boost::asio::awaitable<void> sync_now_and_then();

  common::Runtime& runtime_;
  std::shared_ptr<Store> store_;
  std::vector<std::string> pending_;
  std::uint64_t taken_ = 0, done_ = 0, synced_ = 0, lost_ = 0;
  bool writing_ = false;
  common::Wake written_;
};

}  // namespace angophora::audit
