// Snapshots: chunks by the digest of their bytes, and maps that name the chunks of a volume.
//
// A chunk arrives before the map that refers to it; one that nothing refers to is swept a week
// after it was last seen or asked for. A map comes whole or not at all, and is refused when a chunk
// of it is not there, so that whatever was swept meanwhile is sent again.
//
// Threads:  I/O thread. Outlives the runtime's coroutines.
// Durable:  what a call answered is on disk before the answer.
#pragma once

#include <set>
#include <string>

#include "walrus/s3/content.h"
#include "walrus/s3/operation.h"
#include "walrus/store/chunk_maps.h"

namespace angophora::walrus {

class ChunkStore {
 public:
  explicit ChunkStore(Services& services) : s_(services) {}

  // Whether it is there; it stays for a week at least then.
  Task<bool> has(ChunkName name);
  // Errc::corrupt when the bytes are not those of the name, Errc::limit_exceeded when there are
  // more than a chunk has, S3Errc::insufficient_storage.
  Task<> put(ChunkName name, std::string bytes);
  // Errc::not_found.
  Task<OpenObject> open(ChunkName name);

  // The numbers of the chunks that are not there; when there are none the map is kept. A map that
  // is there already stays. Errc::not_found when it was deleted, Errc::unavailable while another
  // request brings it.
  Task<std::vector<std::uint32_t>> put_map(std::string id, ChunkMap map);
  // Errc::not_found.
  Task<ChunkMap> get_map(std::string id);
  // From now on nobody sees the map but who holds it. One that is not there counts as removed.
  Task<> remove_map(std::string id);

  // While it is held, what the map refers to stays, also when it is removed; its size in bytes.
  // Errc::not_found.
  Task<std::uint64_t> hold(std::string id, std::string holder);
  Task<> let_go(std::string id, std::string holder);

  // Sweeps in the background until the daemon stops.
  void begin_sweep();
  // One round of it; also for tests.
  Task<> sweep();

 private:
  Task<std::vector<std::uint32_t>> add_entries(std::string id, ChunkMap map);
  Task<> dismantle(std::string id);
  common::awaitable<void> keep_sweeping();

  Services& s_;
  std::set<std::string> arriving_;  // maps
  common::Wake to_sweep_;
};

}  // namespace angophora::walrus
