// What the node remembers of its instances across restarts.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/runtime.h"
#include "nc/domain/fake_steps.h"
#include "nc/domain/instance.h"

namespace angophora::nc {

struct LoadedRecords {
  std::vector<InstanceRecord> records;
  // Instances whose record cannot be read: their domains and disks must be left alone.
  std::set<InstanceId> unreadable;
};

// I/O thread only.
class Records {
 public:
  virtual ~Records() = default;
  virtual common::Task<LoadedRecords> load() = 0;
  // Durable when it returns. A record that is older than what was saved is passed over.
  virtual common::Task<> save(InstanceRecord record) = 0;
  // Unless a record newer than `sequence` was saved since.
  virtual common::Task<> remove(InstanceId id, std::uint64_t sequence) = 0;
};

// One JSON file per instance.
class FileRecords final : public Records {
 public:
  FileRecords(common::Runtime& runtime, std::string dir);
  common::Task<LoadedRecords> load() override;
  common::Task<> save(InstanceRecord record) override;
  common::Task<> remove(InstanceId id, std::uint64_t sequence) override;

 private:
  struct Shared;
  common::Runtime& runtime_;
  std::shared_ptr<Shared> shared_;
};

// Remembers as long as it lives: hand it to the next daemon to play a restart.
class MemoryRecords final : public Records {
 public:
  common::Task<LoadedRecords> load() override {
    LoadedRecords loaded;
    for (const auto& [id, record] : records) loaded.records.push_back(record);
    loaded.unreadable = unreadable;
    co_return loaded;
  }
  common::Task<> save(InstanceRecord record) override {
    if (steps) co_await steps->step();
    if (failure) co_return *failure;
    auto& kept = records[record.spec.id];
    if (kept.sequence <= record.sequence) kept = std::move(record);
    if (steps) co_await steps->step();
    co_return common::ok();
  }
  common::Task<> remove(InstanceId id, std::uint64_t sequence) override {
    if (failure) co_return *failure;
    const auto it = records.find(id);
    if (it != records.end() && it->second.sequence <= sequence) records.erase(it);
    co_return common::ok();
  }

  std::map<InstanceId, InstanceRecord> records;
  std::set<InstanceId> unreadable;
  std::optional<common::Error> failure;
  FakeSteps* steps = nullptr;  // of save()
};

}  // namespace angophora::nc
