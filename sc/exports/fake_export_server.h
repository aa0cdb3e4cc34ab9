// Exports in memory, for tests and simulations. What it holds outlives the daemon's "crash" when
// the object does, as the real server programs do.
#pragma once

#include <map>

#include "sc/exports/export_server.h"

namespace angophora::sc {

class FakeExportServer final : public ExportServer {
 public:
  Task<std::uint16_t> serve(ExportSpec spec) override {
    if (!failure.empty()) co_return Error(common::Errc::unavailable, failure);
    if (spec.port == 0) spec.port = next_port_++;
    const auto port = spec.port;
    ++starts;
    serving[spec.volume] = std::move(spec);
    co_return port;
  }
  Task<> end(VolumeId volume) override {
    if (!failure.empty()) co_return Error(common::Errc::io, failure);
    serving.erase(volume);
    co_return common::ok();
  }
  Task<> sweep(std::vector<ExportSpec> keep) override {
    std::map<VolumeId, ExportSpec> kept;
    for (auto& spec : keep) {
      const auto at = serving.find(spec.volume);
      if (at != serving.end() && at->second.epoch == spec.epoch) kept.insert(*at);
    }
    serving = std::move(kept);
    co_return common::ok();
  }
  std::vector<VolumeId> ended() override { return std::exchange(died_, {}); }
  std::string why_not() const override { return failure; }

  // As if its server program had been killed.
  void die(const VolumeId& volume) {
    if (serving.erase(volume) > 0) died_.push_back(volume);
  }

  std::map<VolumeId, ExportSpec> serving;
  int starts = 0;
  std::string failure;  // when not empty all calls fail with it

 private:
  std::uint16_t next_port_ = 10809;
  std::vector<VolumeId> died_;
};

}  // namespace angophora::sc
