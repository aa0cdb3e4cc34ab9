// A volume as a paper guest sees it: what it reads and writes waits, as a guest does whose disk
// failed, until it is answered or the disk has left.
#pragma once

#include <memory>

#include "tests/histories/world/nbd_client.h"

namespace angophora::histories {

// I/O thread only.
class GuestDisk {
 public:
  // `guest` is the guest's folder (node/paper_hypervisor.h).
  GuestDisk(Runtime& runtime, std::string guest, std::string serial);

  // Lets go of the disk when it is asked to, until stop().
  static awaitable<void> attend(std::shared_ptr<GuestDisk> self);
  void stop() { stopped_ = true; }
  // Does not let go of the disk.
  void set_clinging(bool clings) { clings_ = clings; }

  bool is_plugged() const;
  // True when all were answered without an error, false when the disk left before.
  // Errc::timed_out when neither happened for half a minute. One caller at a time.
  Task<bool> run(std::vector<IoRequest>& requests);

 private:
  awaitable<bool> attempt(std::vector<IoRequest>& requests);

  Runtime& runtime_;
  const std::string guest_, file_;
  std::unique_ptr<NbdClient> client_;
  bool stopped_ = false, clings_ = false, busy_ = false;
};

}  // namespace angophora::histories
