#include "walrus/store/chunk_maps.h"

namespace angophora::walrus {
namespace {

constexpr std::string_view name_of(MapState state) {
  switch (state) {
    case MapState::open:
      return "open";
    case MapState::whole:
      return "whole";
    case MapState::deleted:
      return "deleted";
  }
  return "";
}

Result<MapState> parse_state(std::string_view text) {
  for (const auto state : {MapState::open, MapState::whole, MapState::deleted})
    if (name_of(state) == text) return state;
  return Error(common::Errc::corrupt, "a map is in no known state: " + std::string(text));
}

}  // namespace

Result<std::optional<ChunkMaps::Row>> ChunkMaps::find(const std::string& id) {
  TRY(auto q, tx_.prepare("SELECT volume_bytes, state, EXISTS (SELECT 1 FROM map_holders h "
                          "WHERE h.map = maps.id) FROM maps WHERE id=?1"));
  q.bind(1, id);
  TRY(const bool found, q.step());
  if (!found) return std::optional<Row>();
  Row row;
  row.volume_bytes = static_cast<std::uint64_t>(q.integer(0));
  TRY(row.state, parse_state(q.text(1)));
  row.held = q.integer(2) != 0;
  return std::optional(row);
}

Result<> ChunkMaps::insert_open(const std::string& id, std::uint64_t volume_bytes) {
  TRY(auto q, tx_.prepare("INSERT INTO maps (id, volume_bytes, state) VALUES (?1, ?2, ?3)"));
  q.bind(1, id).bind(2, volume_bytes).bind(3, name_of(MapState::open));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> ChunkMaps::set_state(const std::string& id, MapState state) {
  TRY(auto q, tx_.prepare("UPDATE maps SET state=?2 WHERE id=?1"));
  q.bind(1, id).bind(2, name_of(state));
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::vector<std::uint32_t>> ChunkMaps::add(const std::string& id,
                                                  const std::vector<ChunkMap::Entry>& entries) {
  std::vector<std::uint32_t> missing;
  for (const auto& entry : entries) {
    TRY(const bool there, Chunks(tx_).refer(entry.name));
    if (!there) {
      missing.push_back(entry.number);
      continue;
    }
    TRY(auto q, tx_.prepare("INSERT INTO map_entries (map, number, chunk) VALUES (?1, ?2, ?3)"));
    q.bind(1, id).bind(2, entry.number);
    q.bind_blob(3, {entry.name.data(), entry.name.size()});
    TRY_VOID(q.run());
  }
  return missing;
}

Result<std::vector<ChunkMap::Entry>> ChunkMaps::entries(const std::string& id, std::uint64_t from,
                                                        std::size_t count) {
  TRY(auto q, tx_.prepare("SELECT number, chunk FROM map_entries WHERE map=?1 AND number >= ?2 "
                          "ORDER BY number LIMIT ?3"));
  q.bind(1, id).bind(2, from).bind(3, count);
  std::vector<ChunkMap::Entry> entries;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return entries;
    ChunkMap::Entry entry;
    entry.number = static_cast<std::uint32_t>(q.integer(0));
    const auto name = q.text(1);
    if (name.size() != entry.name.size())
      return Error(common::Errc::corrupt, "an entry of map " + id + " names no chunk");
    name.copy(entry.name.data(), entry.name.size());
    entries.push_back(entry);
  }
}

Result<bool> ChunkMaps::dismantle(const std::string& id, std::size_t count, common::SysTime now) {
  TRY(const auto some, entries(id, 0, count));
  for (const auto& entry : some) {
    TRY_VOID(Chunks(tx_).release(entry.name, now));
    TRY(auto q, tx_.prepare("DELETE FROM map_entries WHERE map=?1 AND number=?2"));
    q.bind(1, id).bind(2, entry.number);
    TRY_VOID(q.run());
  }
  if (some.size() == count) return true;
  TRY(auto q, tx_.prepare("DELETE FROM maps WHERE id=?1"));
  q.bind(1, id);
  TRY_VOID(q.run());
  return false;
}

Result<std::vector<std::string>> ChunkMaps::to_dismantle() {
  TRY(auto q, tx_.prepare("SELECT id FROM maps WHERE state='open' OR (state='deleted' AND NOT "
                          "EXISTS (SELECT 1 FROM map_holders h WHERE h.map = maps.id))"));
  std::vector<std::string> ids;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return ids;
    ids.push_back(q.text(0));
  }
}

Result<> ChunkMaps::hold(const std::string& id, const std::string& holder) {
  TRY(auto q, tx_.prepare("INSERT INTO map_holders (map, holder) VALUES (?1, ?2) "
                          "ON CONFLICT DO NOTHING"));
  q.bind(1, id).bind(2, holder);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> ChunkMaps::let_go(const std::string& id, const std::string& holder) {
  TRY(auto q, tx_.prepare("DELETE FROM map_holders WHERE map=?1 AND holder=?2"));
  q.bind(1, id).bind(2, holder);
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::walrus
