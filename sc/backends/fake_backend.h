// Volumes in memory, for tests and simulations. What it holds outlives the daemon's "crash" when
// the object does.
#pragma once

#include <map>

#include "sc/backends/volume_backend.h"

namespace angophora::sc {

class FakeBackend final : public VolumeBackend {
 public:
  Task<> create(VolumeId id, std::int64_t size_gib) override {
    CO_TRY_VOID(check_id(id));
    CO_TRY_VOID(check_size(id, size_gib));
    const auto size = static_cast<std::uint32_t>(size_gib);
    const auto [at, fresh] = volumes.try_emplace(id, size);
    if (!fresh && at->second != size)
      co_return Error(VolumeErrc::size_mismatch, "volume " + id.value + " has another size");
    co_return common::ok();
  }
  Task<> remove(VolumeId id) override {
    CO_TRY_VOID(check_id(id));
    volumes.erase(id);
    co_return common::ok();
  }
  Task<std::optional<Volume>> find(VolumeId id) override {
    const auto at = volumes.find(id);
    if (at == volumes.end()) co_return std::optional<Volume>();
    Volume volume{at->first, at->second, {}, false};
    co_return std::optional<Volume>(std::move(volume));
  }
  Task<std::vector<Volume>> list() override {
    std::vector<Volume> all;
    for (const auto& [id, size_gib] : volumes) all.push_back({id, size_gib, {}, false});
    co_return all;
  }
  Task<Pool> pool() override {
    Pool pool{1000 * kBytesPerGib, 900 * kBytesPerGib};
    co_return pool;
  }

  std::map<VolumeId, std::uint32_t> volumes;  // size in GiB
};

}  // namespace angophora::sc
