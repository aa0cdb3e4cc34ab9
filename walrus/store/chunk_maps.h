// Maps of snapshots. Large ones come and go in many transactions; what counts is the state: only a
// whole map is shown to anybody.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "walrus/store/chunks.h"

namespace angophora::walrus {

using chunks::ChunkMap;

enum class MapState {
  open,     // its entries are being added
  whole,    // a snapshot
  deleted,  // its entries go as soon as nobody holds it
};

// Within one transaction.
class ChunkMaps {
 public:
  explicit ChunkMaps(Tx& tx) : tx_(tx) {}

  struct Row {
    std::uint64_t volume_bytes = 0;
    MapState state = MapState::open;
    bool held = false;
    // A deleted one serves those who hold it.
    bool is_readable() const {
      return state == MapState::whole || (state == MapState::deleted && held);
    }
  };
  Result<std::optional<Row>> find(const std::string& id);
  Result<> insert_open(const std::string& id, std::uint64_t volume_bytes);
  Result<> set_state(const std::string& id, MapState state);

  // Adds the entries whose chunks are there, with a reference each; the others' numbers come back.
  Result<std::vector<std::uint32_t>> add(const std::string& id,
                                         const std::vector<ChunkMap::Entry>& entries);
  // Up to `count` entries from chunk `from` on, by number.
  Result<std::vector<ChunkMap::Entry>> entries(const std::string& id, std::uint64_t from,
                                               std::size_t count);
  // Removes up to `count` entries with their references, and the map when none is left; whether
  // there is more to do.
  Result<bool> dismantle(const std::string& id, std::size_t count, common::SysTime now);
  // Maps that are open, and those that are deleted and that nobody holds.
  Result<std::vector<std::string>> to_dismantle();

  Result<> hold(const std::string& id, const std::string& holder);
  Result<> let_go(const std::string& id, const std::string& holder);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
