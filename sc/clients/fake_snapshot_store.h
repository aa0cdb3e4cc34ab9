// Snapshots in memory, for tests. What it holds outlives the daemon's "crash" when the object does.
#pragma once

#include <map>
#include <set>

#include "sc/clients/snapshot_store.h"

namespace angophora::sc {

class FakeSnapshotStore final : public SnapshotStore {
 public:
  Task<bool> has(ChunkName name) override {
    CO_TRY_VOID(answers());
    co_return chunks.contains(name);
  }
  Task<> put(ChunkName name, std::string bytes) override {
    CO_TRY_VOID(answers());
    if (full) co_return Error(common::Errc::limit_exceeded, "Walrus is full");
    if (chunks::name_of(bytes) != name) co_return Error(common::Errc::corrupt, "other bytes");
    ++puts;
    chunks[name] = std::move(bytes);
    co_return common::ok();
  }
  Task<std::string> get(ChunkName name) override {
    CO_TRY_VOID(answers());
    if (!hands_out) co_return Error(common::Errc::unavailable, "Walrus hands nothing out");
    const auto at = chunks.find(name);
    if (at == chunks.end()) co_return Error(common::Errc::not_found, "no such chunk");
    co_return at->second;
  }
  Task<std::vector<std::uint32_t>> put_map(SnapshotId id, ChunkMap map) override {
    CO_TRY_VOID(answers());
    std::vector<std::uint32_t> missing;
    for (const auto& entry : map.entries)
      if (!chunks.contains(entry.name)) missing.push_back(entry.number);
    if (missing.empty()) maps[id] = std::move(map);
    co_return missing;
  }
  Task<ChunkMap> get_map(SnapshotId id) override {
    CO_TRY_VOID(answers());
    const auto at = maps.find(id);
    if (at == maps.end()) co_return Error(common::Errc::not_found, "no such snapshot");
    co_return at->second;
  }
  // What is held is kept out of sight, as if it were there for its holders alone.
  Task<> remove(SnapshotId id) override {
    CO_TRY_VOID(answers());
    removed.insert(id);
    if (!is_held(id)) maps.erase(id);
    co_return common::ok();
  }
  Task<std::uint64_t> hold(SnapshotId id, std::string holder) override {
    CO_TRY_VOID(answers());
    const auto at = maps.find(id);
    if (at == maps.end() || removed.contains(id))
      co_return Error(common::Errc::not_found, "no such snapshot");
    holders.insert({id, std::move(holder)});
    co_return at->second.volume_bytes;
  }
  Task<> let_go(SnapshotId id, std::string holder) override {
    CO_TRY_VOID(answers());
    holders.erase({id, std::move(holder)});
    if (removed.contains(id) && !is_held(id)) maps.erase(id);
    co_return common::ok();
  }
  bool is_held(const SnapshotId& id) const {
    for (const auto& [snapshot, holder] : holders)
      if (snapshot == id) return true;
    return false;
  }

  bool away = false;  // nothing answers
  bool full = false;
  bool hands_out = true;  // chunks
  int puts = 0;
  std::map<ChunkName, std::string> chunks;
  std::map<SnapshotId, ChunkMap> maps;
  std::set<SnapshotId> removed;
  std::set<std::pair<SnapshotId, std::string>> holders;

 private:
  Result<> answers() const {
    if (away) return Error(common::Errc::unavailable, "Walrus does not answer");
    return common::ok();
  }
};

}  // namespace angophora::sc
