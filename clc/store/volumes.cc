#include "clc/store/volumes.h"

#include "clc/store/tags.h"
#include "clc/store/values.h"

namespace angophora::clc {
namespace {

#define VOLUME_COLUMNS                                                             \
  "volume_id, account_id, zone, size_gib, snapshot_id, volume_type, iops, state, " \
  "reason, epoch, client_token, created_at_ms, changed_at_ms, auto_enable_io "

Volume read_volume(Query& q) {
  Volume v;
  int c = 0;
  v.id = q.id<VolumeId>(c++);
  v.account = q.id<AccountId>(c++);
  v.zone = q.id<ZoneName>(c++);
  v.size_gib = q.integer(c++);
  v.snapshot = q.id<SnapshotId>(c++);
  v.type = parse_volume_type(q.text(c++)).value_or(VolumeType::standard);
  v.iops = q.integer(c++);
  v.state = parse_volume_state(q.text(c++)).value_or(VolumeState::error);
  v.reason = q.text(c++);
  v.epoch = q.integer(c++);
  v.client_token = q.text(c++);
  v.created_at = from_ms(q.integer(c++));
  v.changed_at = from_ms(q.integer(c++));
  v.auto_enable_io = q.integer(c++) != 0;
  return v;
}

const auto kDeleted = to_string(VolumeState::deleted);

}  // namespace

Result<> Volumes::insert(const Volume& v) {
  TRY(auto q, tx_.prepare("INSERT INTO volumes (" VOLUME_COLUMNS
                          ") VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)"));
  Values values(q);
  values.next(v.id).next(v.account).next(v.zone).next(v.size_gib).next(v.snapshot);
  values.next(to_string(v.type)).next(v.iops).next(to_string(v.state)).next(v.reason);
  values.next(v.epoch).next(v.client_token).next(to_ms(v.created_at)).next(to_ms(v.changed_at));
  values.next(v.auto_enable_io);
  TRY_VOID(q.run());
  return TagRows(tx_).put(v.account, v.id.value, v.tags);
}

Result<std::vector<Volume>> Volumes::read_all(Query& q) {
  TRY(auto volumes, all_rows(q, read_volume));
  for (auto& volume : volumes) {
    TRY(volume.tags, TagRows(tx_).of(volume.id.value));
    TRY(volume.attachment, Attachments(tx_).find(volume.id));
  }
  return volumes;
}

Result<std::optional<Volume>> Volumes::find(const VolumeId& id) {
  TRY(auto q,
      tx_.prepare("SELECT " VOLUME_COLUMNS "FROM volumes WHERE volume_id=?1 AND state<>?2"));
  q.bind(1, id).bind(2, kDeleted);
  TRY(auto found, read_all(q));
  if (found.empty()) return std::optional<Volume>();
  return std::optional<Volume>(std::move(found.front()));
}

Result<std::vector<Volume>> Volumes::list(const AccountId& account) {
  TRY(auto q,
      tx_.prepare(account.empty()
                      ? "SELECT " VOLUME_COLUMNS "FROM volumes WHERE state<>?1 ORDER BY volume_id"
                      : "SELECT " VOLUME_COLUMNS "FROM volumes WHERE state<>?1 AND account_id=?2 "
                        "ORDER BY volume_id"));
  q.bind(1, kDeleted);
  if (!account.empty()) q.bind(2, account);
  return read_all(q);
}

Result<bool> Volumes::any_in_zone(const ZoneName& zone) {
  TRY(auto q, tx_.prepare("SELECT 1 FROM volumes WHERE zone=?1 AND state<>?2 LIMIT 1"));
  q.bind(1, zone).bind(2, kDeleted);
  return q.step();
}

Result<std::vector<Volume>> Volumes::unsettled_in(const ZoneName& zone) {
  TRY(auto q, tx_.prepare("SELECT " VOLUME_COLUMNS "FROM volumes WHERE zone=?1 AND "
                          "(state=?2 OR state=?3) ORDER BY changed_at_ms, volume_id"));
  q.bind(1, zone).bind(2, to_string(VolumeState::creating));
  q.bind(3, to_string(VolumeState::deleting));
  return all_rows(q, read_volume);
}

Result<std::map<VolumeId, VolumeState>> Volumes::states_in(const ZoneName& zone) {
  TRY(auto q, tx_.prepare("SELECT volume_id, state FROM volumes WHERE zone=?1"));
  q.bind(1, zone);
  std::map<VolumeId, VolumeState> states;
  for (;;) {
    TRY(const bool found, q.step());
    if (!found) return states;
    states[q.id<VolumeId>(0)] = parse_volume_state(q.text(1)).value_or(VolumeState::error);
  }
}

Result<bool> Volumes::advance(const VolumeId& id, VolumeEvent on, std::string_view reason,
                              common::SysTime now) {
  TRY(auto find, tx_.prepare("SELECT state FROM volumes WHERE volume_id=?1"));
  find.bind(1, id);
  TRY(const bool found, find.step());
  const auto from = found ? parse_volume_state(find.text(0)) : std::nullopt;
  const auto to = from ? next(*from, on) : std::nullopt;
  if (!to) return false;
  TRY(auto q, tx_.prepare("UPDATE volumes SET state=?3, reason=?4, changed_at_ms=?5 "
                          "WHERE volume_id=?1 AND state=?2"));
  q.bind(1, id).bind(2, to_string(*from)).bind(3, to_string(*to)).bind(4, reason);
  q.bind(5, to_ms(now));
  TRY(const auto changed, q.run());
  if (changed > 0 && *to == VolumeState::deleted) TRY_VOID(TagRows(tx_).remove_all(id.value));
  return changed > 0;
}

Result<> Volumes::set_auto_enable_io(const VolumeId& id, bool enabled) {
  TRY(auto q, tx_.prepare("UPDATE volumes SET auto_enable_io=?2 WHERE volume_id=?1"));
  q.bind(1, id).bind(2, enabled ? 1 : 0);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Volumes::purge(common::SysTime until) {
  TRY(auto q, tx_.prepare("DELETE FROM volumes WHERE state=?1 AND changed_at_ms<?2"));
  q.bind(1, kDeleted).bind(2, to_ms(until));
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::clc
