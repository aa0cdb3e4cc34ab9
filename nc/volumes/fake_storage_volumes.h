// A storage controller that grants everything, for tests.
#pragma once

#include <map>
#include <optional>

#include "nc/domain/fake_steps.h"
#include "nc/volumes/storage_volumes.h"

namespace angophora::nc {

class FakeStorageVolumes final : public StorageVolumes {
 public:
  common::Task<VolumeExport> export_volume(ExportWish wish) override {
    ++asked;
    if (steps) co_await steps->step();
    if (failure) co_return *failure;
    exported[wish.volume] = wish.epoch;
    if (steps) co_await steps->step();
    co_return VolumeExport{"10.0.0.3", 10809, wish.volume.value, "node", "00ff", 1ull << 30};
  }
  common::Task<> unexport_volume(ExportWish wish) override {
    if (steps) co_await steps->step();
    if (failure) co_return *failure;
    const auto it = exported.find(wish.volume);
    if (it != exported.end() && it->second == wish.epoch) exported.erase(it);
    if (steps) co_await steps->step();
    co_return common::ok();
  }

  std::map<VolumeId, std::int64_t> exported;  // with the epoch
  std::optional<common::Error> failure;       // what the next calls answer
  int asked = 0;
  FakeSteps* steps = nullptr;
};

}  // namespace angophora::nc
