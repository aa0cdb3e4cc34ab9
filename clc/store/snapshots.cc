#include "clc/store/snapshots.h"

#include "clc/store/tags.h"
#include "clc/store/values.h"

namespace angophora::clc {
namespace {

#define SNAPSHOT_COLUMNS                                                             \
  "snapshot_id, account_id, volume_id, zone, size_gib, description, state, reason, " \
  "progress, taken, is_public, started_at_ms, changed_at_ms "

// Those that their owner has not deleted.
#define SNAPSHOTS_SHOWN \
  "SELECT " SNAPSHOT_COLUMNS "FROM snapshots WHERE state NOT IN ('deleting', 'deleted') "

Snapshot read_snapshot(Query& q) {
  Snapshot s;
  int c = 0;
  s.id = q.id<SnapshotId>(c++);
  s.account = q.id<AccountId>(c++);
  s.volume = q.id<VolumeId>(c++);
  s.zone = q.id<ZoneName>(c++);
  s.size_gib = q.integer(c++);
  s.description = q.text(c++);
  s.state = parse_snapshot_state(q.text(c++)).value_or(SnapshotState::error);
  s.reason = q.text(c++);
  s.progress = q.integer(c++);
  s.taken = q.integer(c++) != 0;
  s.is_public = q.integer(c++) != 0;
  s.started_at = from_ms(q.integer(c++));
  s.changed_at = from_ms(q.integer(c++));
  return s;
}

}  // namespace

Result<> Snapshots::insert(const Snapshot& s) {
  TRY(auto q, tx_.prepare("INSERT INTO snapshots (" SNAPSHOT_COLUMNS
                          ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)"));
  Values values(q);
  values.next(s.id).next(s.account).next(s.volume).next(s.zone).next(s.size_gib);
  values.next(s.description).next(to_string(s.state)).next(s.reason).next(s.progress);
  values.next(s.taken).next(s.is_public).next(to_ms(s.started_at)).next(to_ms(s.changed_at));
  TRY_VOID(q.run());
  return TagRows(tx_).put(s.account, s.id.value, s.tags);
}

Result<std::vector<Snapshot>> Snapshots::read_all(Query& q) {
  TRY(auto snapshots, all_rows(q, read_snapshot));
  for (auto& snapshot : snapshots) {
    TRY(auto u, tx_.prepare("SELECT account_id FROM snapshot_users WHERE snapshot_id=?1"));
    u.bind(1, snapshot.id);
    TRY(const auto users, all_rows(u, [](Query& row) { return row.id<AccountId>(0); }));
    snapshot.users.insert(users.begin(), users.end());
    TRY(snapshot.tags, TagRows(tx_).of(snapshot.id.value));
  }
  return snapshots;
}

Result<std::optional<Snapshot>> Snapshots::find(const SnapshotId& id) {
  TRY(auto q, tx_.prepare(SNAPSHOTS_SHOWN "AND snapshot_id=?1"));
  q.bind(1, id);
  TRY(auto found, read_all(q));
  if (found.empty()) return std::optional<Snapshot>();
  return std::optional<Snapshot>(std::move(found.front()));
}

Result<std::vector<Snapshot>> Snapshots::visible_to(const AccountId& account) {
  TRY(auto q, tx_.prepare(SNAPSHOTS_SHOWN
                          "AND (account_id=?1 OR is_public=1 OR snapshot_id IN (SELECT snapshot_id "
                          "FROM snapshot_users WHERE account_id=?1)) ORDER BY snapshot_id"));
  q.bind(1, account);
  return read_all(q);
}

Result<std::vector<Snapshot>> Snapshots::all() {
  TRY(auto q, tx_.prepare(SNAPSHOTS_SHOWN "ORDER BY snapshot_id"));
  return read_all(q);
}

Result<std::vector<Snapshot>> Snapshots::unsettled_in(const ZoneName& zone) {
  TRY(auto q,
      tx_.prepare("SELECT " SNAPSHOT_COLUMNS "FROM snapshots s WHERE (zone=?1 AND state='pending') "
                  "OR (state='deleting' AND (zone=?1 OR zone NOT IN (SELECT zone FROM services "
                  "WHERE type='storage')) AND NOT EXISTS (SELECT 1 FROM volumes v WHERE "
                  "v.snapshot_id=s.snapshot_id AND v.state='creating')) "
                  "ORDER BY changed_at_ms, snapshot_id"));
  q.bind(1, zone);
  return all_rows(q, read_snapshot);
}

Result<std::map<SnapshotId, SnapshotState>> Snapshots::states_in(const ZoneName& zone) {
  TRY(auto q, tx_.prepare("SELECT snapshot_id, state FROM snapshots WHERE zone=?1"));
  q.bind(1, zone);
  std::map<SnapshotId, SnapshotState> states;
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return states;
    states[q.id<SnapshotId>(0)] = parse_snapshot_state(q.text(1)).value_or(SnapshotState::error);
  }
}

Result<bool> Snapshots::any_pending_of(const VolumeId& volume) {
  TRY(auto q,
      tx_.prepare("SELECT 1 FROM snapshots WHERE volume_id=?1 AND state='pending' LIMIT 1"));
  return q.bind(1, volume).step();
}

Result<> Snapshots::note_taken(const SnapshotId& id, common::SysTime started_at) {
  TRY(auto q, tx_.prepare("UPDATE snapshots SET taken=1, started_at_ms=?2 WHERE snapshot_id=?1 "
                          "AND taken=0"));
  q.bind(1, id).bind(2, to_ms(started_at));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Snapshots::note_progress(const SnapshotId& id, std::int64_t percent) {
  TRY(auto q, tx_.prepare("UPDATE snapshots SET progress=?2 WHERE snapshot_id=?1 AND "
                          "state='pending' AND progress<?2"));
  q.bind(1, id).bind(2, percent);
  TRY_VOID(q.run());
  return common::ok();
}

Result<bool> Snapshots::advance(const SnapshotId& id, SnapshotEvent on, std::string_view reason,
                                common::SysTime now) {
  TRY(auto find, tx_.prepare("SELECT state FROM snapshots WHERE snapshot_id=?1"));
  find.bind(1, id);
  TRY(const bool found, find.step());
  const auto from = found ? parse_snapshot_state(find.text(0)) : std::nullopt;
  const auto to = from ? next(*from, on) : std::nullopt;
  if (!to) return false;
  TRY(auto q, tx_.prepare("UPDATE snapshots SET state=?3, reason=?4, changed_at_ms=?5, "
                          "progress=CASE WHEN ?3='completed' THEN 100 ELSE progress END "
                          "WHERE snapshot_id=?1 AND state=?2"));
  q.bind(1, id).bind(2, to_string(*from)).bind(3, to_string(*to)).bind(4, reason);
  q.bind(5, to_ms(now));
  TRY(const auto changed, q.run());
  if (changed == 0) return false;
  // From then on nobody sees it.
  if (*to == SnapshotState::deleting) {
    TRY_VOID(TagRows(tx_).remove_all(id.value));
    TRY_VOID(reset_users(id));
  }
  return true;
}

Result<> Snapshots::purge(common::SysTime until) {
  TRY(auto q, tx_.prepare("DELETE FROM snapshots WHERE state='deleted' AND changed_at_ms<?1"));
  q.bind(1, to_ms(until));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Snapshots::set_public(const SnapshotId& id, bool is_public) {
  TRY(auto q, tx_.prepare("UPDATE snapshots SET is_public=?2 WHERE snapshot_id=?1"));
  q.bind(1, id).bind(2, is_public);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Snapshots::add_user(const SnapshotId& id, const AccountId& account) {
  TRY(auto q, tx_.prepare("INSERT INTO snapshot_users (snapshot_id, account_id) VALUES (?1, ?2) "
                          "ON CONFLICT DO NOTHING"));
  q.bind(1, id).bind(2, account);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Snapshots::remove_user(const SnapshotId& id, const AccountId& account) {
  TRY(auto q, tx_.prepare("DELETE FROM snapshot_users WHERE snapshot_id=?1 AND account_id=?2"));
  q.bind(1, id).bind(2, account);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Snapshots::reset_users(const SnapshotId& id) {
  TRY_VOID(set_public(id, false));
  TRY(auto q, tx_.prepare("DELETE FROM snapshot_users WHERE snapshot_id=?1"));
  q.bind(1, id);
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::clc
