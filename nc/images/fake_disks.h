// Disks without bytes, for tests and simulations.
#pragma once

#include <optional>
#include <set>

#include "nc/images/disks.h"

namespace angophora::nc {

class FakeDisks final : public Disks {
 public:
  common::Task<> make(InstanceSpec spec, std::string, std::uint64_t) override {
    if (failure) co_return *failure;
    made.insert(spec.id);
    co_return common::ok();
  }
  common::Task<> remove(InstanceId id) override {
    if (failure) co_return *failure;
    made.erase(id);
    co_return common::ok();
  }
  common::Task<std::vector<InstanceId>> list() override {
    co_return std::vector<InstanceId>(made.begin(), made.end());
  }
  common::Task<DiskRoom> room() override { co_return space; }

  std::set<InstanceId> made;
  DiskRoom space{100ull << 30, 80ull << 30};
  std::optional<common::Error> failure;
};

}  // namespace angophora::nc
