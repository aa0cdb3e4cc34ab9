// Reads every blob in the background, some megabytes a second, and says which are not what they
// must be: in the log, at /metrics, and by making the next read of it fail.
//
// A round goes through all packs and files and is taken up again after a restart; the next begins
// scrub_every_s after the last one began. Blobs of releases that kept no checksums get one.
#pragma once

#include "common/admin/metrics.h"
#include "walrus/objects/verifier.h"
#include "walrus/s3/operation.h"
#include "walrus/store/scrubs.h"

namespace angophora::walrus {

// I/O thread only. Outlives the runtime's coroutines.
class Scrubber {
 public:
  Scrubber(Services& services, admin::Metrics& metrics);

  // Until the daemon stops.
  common::awaitable<void> run();
  // The next blobs of the round, or its end: true while it is under way. Also for tests.
  Task<bool> step();

 private:
  struct Finding {
    Scrubs::Row row;
    std::uint32_t crc32c = 0;
    std::string damage;  // "" for none
  };
  Task<Finding> check(Scrubs::Row row);
  Task<> write_down(Scrubs::Progress progress, std::vector<Finding> findings);
  Task<> tell(Finding finding);
  Task<bool> begin_round(Scrubs::Progress progress);
  Task<> end_round(Scrubs::Progress progress);
  // Keeps to the rate, having read so much.
  common::awaitable<void> pause(std::uint64_t bytes);

  Services& s_;
  admin::Counter& blobs_;
  admin::Counter& bytes_;
  admin::Gauge& damaged_;
  admin::Gauge& finished_;
};

}  // namespace angophora::walrus
