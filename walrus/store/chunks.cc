#include "walrus/store/chunks.h"

#include "walrus/store/columns.h"

namespace angophora::walrus {
namespace {

std::string_view bytes_of(const ChunkName& name) { return {name.data(), name.size()}; }

}  // namespace

Result<std::optional<Chunks::Row>> Chunks::find(const ChunkName& name) {
  TRY(auto q, tx_.prepare("SELECT blob, size_bytes, refs, touched_ms FROM chunks WHERE name=?1"));
  q.bind_blob(1, bytes_of(name));
  TRY(const bool found, q.step());
  if (!found) return std::optional<Row>();
  Row row;
  row.content = {q.text(0), 0, static_cast<std::uint64_t>(q.integer(1))};
  row.refs = q.integer(2);
  row.touched = time_of(q.integer(3));
  return std::optional(std::move(row));
}

Result<bool> Chunks::insert(const ChunkName& name, const Segment& content, common::SysTime now) {
  TRY(const auto present, find(name));
  if (present) {
    TRY_VOID(touch(name, now));
    return false;
  }
  TRY_VOID(Blobs(tx_).refer({content}, true));
  TRY(auto q, tx_.prepare("INSERT INTO chunks (name, blob, size_bytes, refs, touched_ms) "
                          "VALUES (?1, ?2, ?3, 0, ?4)"));
  q.bind_blob(1, bytes_of(name)).bind(2, content.blob).bind(3, content.length);
  q.bind(4, milliseconds_of(now));
  TRY_VOID(q.run());
  return true;
}

Result<> Chunks::touch(const ChunkName& name, common::SysTime now) {
  TRY(auto q, tx_.prepare("UPDATE chunks SET touched_ms=?2 WHERE name=?1"));
  q.bind_blob(1, bytes_of(name)).bind(2, milliseconds_of(now));
  TRY_VOID(q.run());
  return common::ok();
}

Result<bool> Chunks::refer(const ChunkName& name) {
  TRY(auto q, tx_.prepare("UPDATE chunks SET refs = refs + 1 WHERE name=?1"));
  q.bind_blob(1, bytes_of(name));
  TRY(const auto changed, q.run());
  return changed == 1;
}

Result<> Chunks::release(const ChunkName& name, common::SysTime now) {
  TRY(auto q,
      tx_.prepare("UPDATE chunks SET refs = refs - 1, touched_ms=?2 WHERE name=?1 AND refs > 0"));
  q.bind_blob(1, bytes_of(name)).bind(2, milliseconds_of(now));
  TRY(const auto changed, q.run());
  if (changed == 1) return common::ok();
  return Error(common::Errc::corrupt, "chunk " + chunks::to_hex(name) + " has no reference left");
}

Result<std::size_t> Chunks::sweep(common::SysTime before, std::size_t count, FreedBlobs& freed) {
  std::vector<std::pair<std::string, Segment>> unused;
  {
    TRY(auto q, tx_.prepare("SELECT name, blob, size_bytes FROM chunks WHERE refs=0 AND "
                            "touched_ms < ?1 ORDER BY touched_ms LIMIT ?2"));
    q.bind(1, milliseconds_of(before)).bind(2, count);
    for (;;) {
      TRY(const bool more, q.step());
      if (!more) break;
      unused.push_back({q.text(0), {q.text(1), 0, static_cast<std::uint64_t>(q.integer(2))}});
    }
  }
  for (const auto& [name, content] : unused) {
    TRY(auto q, tx_.prepare("DELETE FROM chunks WHERE name=?1"));
    q.bind_blob(1, name);
    TRY_VOID(q.run());
    TRY_VOID(Blobs(tx_).release({content}, freed));
  }
  return unused.size();
}

}  // namespace angophora::walrus
