#include "walrus/store/packs.h"

namespace angophora::walrus {

Result<> Packs::add_dead(const std::string& pack, std::uint64_t bytes) {
  TRY(auto q, tx_.prepare("INSERT INTO packs (name, dead_bytes) VALUES (?1, ?2) "
                          "ON CONFLICT (name) DO UPDATE SET dead_bytes = packs.dead_bytes + ?2"));
  q.bind(1, pack).bind(2, bytes);
  TRY_VOID(q.run());
  return common::ok();
}

Result<Packs::Usage> Packs::usage(const std::string& pack) {
  Usage usage;
  TRY(auto live, tx_.prepare("SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM blobs "
                             "WHERE file=?1 AND file <> ''"));
  live.bind(1, pack);
  TRY_VOID(live.step());
  usage.live_bytes = static_cast<std::uint64_t>(live.integer(0)) * kPackRecordBytes +
                     static_cast<std::uint64_t>(live.integer(1));
  TRY(auto dead, tx_.prepare("SELECT dead_bytes FROM packs WHERE name=?1"));
  dead.bind(1, pack);
  TRY(const bool found, dead.step());
  if (found) usage.dead_bytes = static_cast<std::uint64_t>(dead.integer(0));
  return usage;
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> Packs::with_dead() {
  TRY(auto q, tx_.prepare("SELECT name, dead_bytes FROM packs"));
  std::vector<std::pair<std::string, std::uint64_t>> packs;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return packs;
    packs.emplace_back(q.text(0), static_cast<std::uint64_t>(q.integer(1)));
  }
}

Result<> Packs::forget(const std::string& pack) {
  TRY(auto q, tx_.prepare("DELETE FROM packs WHERE name=?1"));
  q.bind(1, pack);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::vector<Packs::Blob>> Packs::blobs(const std::string& pack, std::uint64_t offset,
                                              std::size_t count) {
  TRY(auto q, tx_.prepare("SELECT id, file_offset, size_bytes, crc32c FROM blobs WHERE file=?1 "
                          "AND file <> '' AND file_offset >= ?2 ORDER BY file_offset LIMIT ?3"));
  q.bind(1, pack).bind(2, offset).bind(3, count);
  std::vector<Blob> blobs;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return blobs;
    blobs.push_back({q.text(0), static_cast<std::uint64_t>(q.integer(1)),
                     static_cast<std::uint64_t>(q.integer(2)), q.integer(3)});
  }
}

Result<bool> Packs::move(const std::string& id, const std::string& from, const BlobPlace& to) {
  TRY(auto q, tx_.prepare("UPDATE blobs SET file=?3, file_offset=?4 WHERE id=?1 AND file=?2"));
  q.bind(1, id).bind(2, from).bind(3, to.pack).bind(4, to.offset);
  TRY(const auto changed, q.run());
  return changed == 1;
}

}  // namespace angophora::walrus
