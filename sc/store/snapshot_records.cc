#include "sc/store/snapshot_records.h"

namespace angophora::sc {
namespace {

constexpr const char* kColumns =
    "SELECT id, volume, size_gib, start_ms, state, base, held, ended_ms, reason FROM snapshots ";

std::int64_t milliseconds_of(common::SysTime t) { return t.time_since_epoch().count(); }
common::SysTime time_of(std::int64_t ms) { return common::SysTime(std::chrono::milliseconds(ms)); }

}  // namespace

Result<std::vector<Snapshot>> SnapshotRecords::list(db::Query q) {
  std::vector<Snapshot> all;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return all;
    Snapshot snapshot;
    snapshot.id = q.id<SnapshotId>(0);
    snapshot.volume = q.id<VolumeId>(1);
    snapshot.size_gib = static_cast<std::uint32_t>(q.integer(2));
    snapshot.start = time_of(q.integer(3));
    TRY(snapshot.state, parse_snapshot_state(q.text(4)));
    snapshot.base = q.id<SnapshotId>(5);
    snapshot.held = q.id<SnapshotId>(6);
    snapshot.ended = time_of(q.integer(7));
    snapshot.reason = q.text(8);
    all.push_back(std::move(snapshot));
  }
}

Result<std::optional<Snapshot>> SnapshotRecords::find(const SnapshotId& id) {
  TRY(auto q, tx_.prepare(std::string(kColumns) + "WHERE id=?1"));
  q.bind(1, id);
  TRY(auto found, list(std::move(q)));
  if (found.empty()) return std::optional<Snapshot>();
  return std::optional(std::move(found[0]));
}

Result<std::vector<Snapshot>> SnapshotRecords::all() {
  TRY(auto q, tx_.prepare(std::string(kColumns) + "ORDER BY start_ms, id"));
  return list(std::move(q));
}

Result<std::vector<Snapshot>> SnapshotRecords::ended(common::SysTime after) {
  TRY(auto q, tx_.prepare(std::string(kColumns) +
                          "WHERE state IN ('completed', 'error') AND ended_ms > ?1 ORDER BY id"));
  q.bind(1, milliseconds_of(after));
  return list(std::move(q));
}

Result<> SnapshotRecords::put(const Snapshot& s) {
  TRY(auto q, tx_.prepare("INSERT INTO snapshots (id, volume, size_gib, start_ms, state, base, "
                          "held, ended_ms, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
                          "ON CONFLICT (id) DO UPDATE SET volume=?2, size_gib=?3, start_ms=?4, "
                          "state=?5, base=?6, held=?7, ended_ms=?8, reason=?9"));
  q.bind(1, s.id).bind(2, s.volume).bind(3, s.size_gib).bind(4, milliseconds_of(s.start));
  q.bind(5, to_string(s.state)).bind(6, s.base).bind(7, s.held);
  q.bind(8, milliseconds_of(s.ended)).bind(9, s.reason);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> SnapshotRecords::remove(const SnapshotId& id) {
  TRY(auto q, tx_.prepare("DELETE FROM snapshots WHERE id=?1"));
  q.bind(1, id);
  TRY_VOID(q.run());
  return common::ok();
}

Result<SnapshotId> SnapshotRecords::one(db::Query q) {
  TRY(const bool found, q.step());
  return found ? q.id<SnapshotId>(0) : SnapshotId();
}

Result<SnapshotId> SnapshotRecords::base(const VolumeId& volume) {
  TRY(auto q, tx_.prepare("SELECT snapshot FROM bases WHERE volume=?1"));
  q.bind(1, volume);
  return one(std::move(q));
}

Result<> SnapshotRecords::set_base(const VolumeId& volume, const SnapshotId& base) {
  TRY(auto q, tx_.prepare("INSERT INTO bases (volume, snapshot) VALUES (?1, ?2) "
                          "ON CONFLICT (volume) DO UPDATE SET snapshot=?2"));
  q.bind(1, volume).bind(2, base);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> SnapshotRecords::forget_base(const SnapshotId& base) {
  TRY(auto q, tx_.prepare("DELETE FROM bases WHERE snapshot=?1"));
  q.bind(1, base);
  TRY_VOID(q.run());
  return common::ok();
}

Result<SnapshotId> SnapshotRecords::source(const VolumeId& volume) {
  TRY(auto q, tx_.prepare("SELECT snapshot FROM sources WHERE volume=?1"));
  q.bind(1, volume);
  return one(std::move(q));
}

Result<std::map<VolumeId, SnapshotId>> SnapshotRecords::sources() {
  TRY(auto q, tx_.prepare("SELECT volume, snapshot FROM sources"));
  std::map<VolumeId, SnapshotId> all;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return all;
    all.emplace(q.id<VolumeId>(0), q.id<SnapshotId>(1));
  }
}

Result<> SnapshotRecords::set_source(const VolumeId& volume, const SnapshotId& source) {
  if (source.empty()) {
    TRY(auto q, tx_.prepare("DELETE FROM sources WHERE volume=?1"));
    q.bind(1, volume);
    TRY_VOID(q.run());
    return common::ok();
  }
  TRY(auto q, tx_.prepare("INSERT INTO sources (volume, snapshot) VALUES (?1, ?2) "
                          "ON CONFLICT (volume) DO UPDATE SET snapshot=?2"));
  q.bind(1, volume).bind(2, source);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> SnapshotRecords::forget_volume(const VolumeId& volume) {
  for (const char* sql :
       {"DELETE FROM bases WHERE volume=?1", "DELETE FROM sources WHERE volume=?1"}) {
    TRY(auto q, tx_.prepare(sql));
    q.bind(1, volume);
    TRY_VOID(q.run());
  }
  return common::ok();
}

}  // namespace angophora::sc
