#include "walrus/store/scrubs.h"

#include "walrus/store/columns.h"

namespace angophora::walrus {
namespace {

constexpr int kVictimsMax = 10;

Result<std::vector<Scrubs::Row>> rows_of(db::Query& q) {
  std::vector<Scrubs::Row> rows;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return rows;
    rows.push_back({q.text(0),
                    {q.text(1), static_cast<std::uint64_t>(q.integer(2))},
                    static_cast<std::uint64_t>(q.integer(3)),
                    q.integer(4)});
  }
}

}  // namespace

Result<Scrubs::Progress> Scrubs::progress() {
  Progress progress;
  TRY(auto q, tx_.prepare("SELECT under_way, begun_ms, pack, file_offset, blob, blobs, bytes "
                          "FROM scrubs WHERE id=1"));
  TRY(const bool found, q.step());
  if (!found) return progress;
  progress.under_way = q.integer(0) != 0;
  progress.begun = time_of(q.integer(1));
  progress.after = {q.text(2), static_cast<std::uint64_t>(q.integer(3))};
  progress.after_blob = q.text(4);
  progress.blobs = static_cast<std::uint64_t>(q.integer(5));
  progress.bytes = static_cast<std::uint64_t>(q.integer(6));
  return progress;
}

Result<> Scrubs::save(const Progress& progress) {
  TRY(auto q,
      tx_.prepare("INSERT INTO scrubs (id, under_way, begun_ms, pack, file_offset, blob, blobs, "
                  "bytes) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET "
                  "under_way=?1, begun_ms=?2, pack=?3, file_offset=?4, blob=?5, blobs=?6, "
                  "bytes=?7"));
  q.bind(1, progress.under_way ? 1 : 0).bind(2, milliseconds_of(progress.begun));
  q.bind(3, progress.after.pack).bind(4, progress.after.offset).bind(5, progress.after_blob);
  q.bind(6, progress.blobs).bind(7, progress.bytes);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::vector<Scrubs::Row>> Scrubs::next(const Progress& progress, std::size_t count) {
  if (progress.after_blob.empty()) {
    TRY(auto q, tx_.prepare("SELECT id, file, file_offset, size_bytes, crc32c FROM blobs "
                            "WHERE file <> '' AND (file, file_offset) > (?1, ?2) "
                            "ORDER BY file, file_offset LIMIT ?3"));
    q.bind(1, progress.after.pack).bind(2, progress.after.offset).bind(3, count);
    TRY(auto rows, rows_of(q));
    if (!rows.empty()) return rows;
  }
  TRY(auto q, tx_.prepare("SELECT id, file, file_offset, size_bytes, crc32c FROM blobs "
                          "WHERE file = '' AND id > ?1 ORDER BY id LIMIT ?2"));
  q.bind(1, progress.after_blob).bind(2, count);
  return rows_of(q);
}

Result<> Scrubs::learn(const std::string& blob, std::uint32_t crc32c) {
  TRY(auto q, tx_.prepare("UPDATE blobs SET crc32c=?2 WHERE id=?1 AND crc32c=-1"));
  q.bind(1, blob).bind(2, crc32c);
  TRY_VOID(q.run());
  return common::ok();
}

Result<bool> Scrubs::add_damage(const std::string& blob, common::SysTime now,
                                const std::string& reason) {
  TRY(auto q, tx_.prepare("INSERT INTO damaged_blobs (blob, found_ms, reason) VALUES (?1, ?2, ?3) "
                          "ON CONFLICT (blob) DO NOTHING"));
  q.bind(1, blob).bind(2, milliseconds_of(now)).bind(3, reason);
  TRY(const auto added, q.run());
  return added == 1;
}

Result<> Scrubs::remove_damage(const std::string& blob) {
  TRY(auto q, tx_.prepare("DELETE FROM damaged_blobs WHERE blob=?1"));
  q.bind(1, blob);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::uint64_t> Scrubs::count_damage() {
  TRY(auto removal,
      tx_.prepare("DELETE FROM damaged_blobs WHERE blob NOT IN (SELECT id FROM blobs)"));
  TRY_VOID(removal.run());
  TRY(auto q, tx_.prepare("SELECT COUNT(*) FROM damaged_blobs"));
  TRY_VOID(q.step());
  return static_cast<std::uint64_t>(q.integer(0));
}

Result<std::vector<std::string>> Scrubs::victims(const std::string& blob) {
  TRY(auto q, tx_.prepare("SELECT bucket, key, version FROM versions WHERE content LIKE ?1 "
                          "LIMIT ?2"));
  q.bind(1, "%" + blob + "%").bind(2, kVictimsMax);
  std::vector<std::string> found;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return found;
    found.push_back(q.text(0) + "/" + q.text(1) + " (" + q.text(2) + ")");
  }
}

}  // namespace angophora::walrus
