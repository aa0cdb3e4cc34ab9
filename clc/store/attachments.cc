#include "clc/domain/instance_state.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/counters.h"
#include "clc/store/values.h"
#include "clc/store/volumes.h"
#include "common/base/device_name.h"

namespace angophora::clc {
namespace {

#define ATTACHMENT_COLUMNS                                                           \
  "a.volume_id, a.epoch, a.instance_id, a.node, a.placement_no, a.device, a.state, " \
  "a.forced, a.delete_on_termination, a.reason, a.attached_at_ms, a.changed_at_ms "

Attachment read_attachment(Query& q) {
  Attachment a;
  int c = 0;
  a.volume = q.id<VolumeId>(c++);
  a.epoch = q.integer(c++);
  a.instance = q.id<InstanceId>(c++);
  a.node = q.id<NodeName>(c++);
  a.placement_no = q.integer(c++);
  a.device = q.text(c++);
  a.state = parse_attachment_state(q.text(c++)).value_or(AttachmentState::revoking);
  a.forced = q.integer(c++) != 0;
  a.delete_on_termination = q.integer(c++) != 0;
  a.reason = q.text(c++);
  a.attached_at = from_ms(q.integer(c++));
  a.changed_at = from_ms(q.integer(c++));
  return a;
}
constexpr int kAttachmentColumns = 12;

InstanceFate fate_of(const std::optional<InstanceState>& state) {
  if (!state || *state == InstanceState::terminated) return InstanceFate::over;
  return *state == InstanceState::shutting_down ? InstanceFate::ends : InstanceFate::lives;
}

AttachmentAndFate read_with_fate(Query& q) {
  AttachmentAndFate row;
  row.attachment = read_attachment(q);
  // An instance that is forgotten was terminated long ago.
  row.fate = q.is_null(kAttachmentColumns)
                 ? InstanceFate::over
                 : fate_of(parse_instance_state(q.text(kAttachmentColumns)));
  return row;
}

// Whether the instance has ended, or is about to.
Result<bool> is_over(Tx& tx, const InstanceId& id) {
  TRY(auto q, tx.prepare("SELECT state FROM instances WHERE instance_id=?1"));
  TRY(const bool found, q.bind(1, id).step());
  if (!found) return true;
  const auto state = q.text(0);
  return state == to_string(InstanceState::shutting_down) ||
         state == to_string(InstanceState::terminated);
}

}  // namespace

Result<> Attachments::insert(const Attachment& a, common::SysTime now) {
  TRY(auto q, tx_.prepare("INSERT INTO attachments (volume_id, epoch, instance_id, node, "
                          "placement_no, device, device_letters, state, forced, "
                          "delete_on_termination, reason, attached_at_ms, changed_at_ms) "
                          "VALUES (?1,?2,?3,?4,?5,?6,?7,?8,0,?9,'',?10,?10)"));
  Values values(q);
  values.next(a.volume).next(a.epoch).next(a.instance).next(a.node).next(a.placement_no);
  values.next(a.device).next(common::device_letters(a.device).value_or(a.device));
  values.next(to_string(AttachmentState::attaching)).next(a.delete_on_termination);
  values.next(to_ms(now));
  const auto stored = q.run();
  if (!stored && stored.error().code == db::DbErrc::unique)
    return Error(VolumeErrc::device_in_use, "Invalid value '" + a.device +
                                                "' for unixDevice. Attachment point " + a.device +
                                                " is already in use");
  TRY_VOID(std::move(stored));
  return common::ok();
}

Result<std::int64_t> Attachments::claim(const Attachment& a, common::SysTime now) {
  TRY(const bool claimed, Volumes(tx_).advance(a.volume, VolumeEvent::claim, "", now));
  if (!claimed)
    return Error(VolumeErrc::in_use, "The volume '" + a.volume.value + "' is not available");
  // Beyond what may have been given between a backup and its return, which nobody here knows of.
  TRY(const auto restored, Counters(tx_).value(kRestored));
  TRY(auto number, tx_.prepare("UPDATE volumes SET epoch=CASE WHEN epoch<?2 THEN ?2 ELSE "
                               "epoch END + 1 WHERE volume_id=?1 RETURNING epoch"));
  number.bind(1, a.volume).bind(2, restored);
  TRY_VOID(number.step());
  auto numbered = a;
  numbered.epoch = number.integer(0);
  number.reset();
  TRY_VOID(insert(numbered, now));
  return numbered.epoch;
}

Result<bool> Attachments::adopt(const Attachment& a, common::SysTime now) {
  TRY(const bool claimed, Volumes(tx_).advance(a.volume, VolumeEvent::claim, "", now));
  if (!claimed) return false;
  TRY(auto q, tx_.prepare("UPDATE volumes SET epoch=?2 WHERE volume_id=?1"));
  q.bind(1, a.volume).bind(2, a.epoch);
  TRY_VOID(q.run());
  TRY_VOID(insert(a, now));
  return true;
}

Result<std::optional<Attachment>> Attachments::find(const VolumeId& volume) {
  TRY(auto q, tx_.prepare("SELECT " ATTACHMENT_COLUMNS "FROM attachments a WHERE a.volume_id=?1"));
  q.bind(1, volume);
  TRY(const bool found, q.step());
  if (!found) return std::optional<Attachment>();
  return std::optional<Attachment>(read_attachment(q));
}

Result<std::vector<Attachment>> Attachments::list(const AccountId& account) {
  TRY(auto q, tx_.prepare("SELECT " ATTACHMENT_COLUMNS
                          "FROM attachments a JOIN volumes v ON v.volume_id=a.volume_id "
                          "WHERE ?1='' OR v.account_id=?1 ORDER BY a.device, a.volume_id"));
  q.bind(1, account);
  return all_rows(q, read_attachment);
}

Result<std::int64_t> Attachments::count(const InstanceId& instance) {
  TRY(auto q, tx_.prepare("SELECT count(*) FROM attachments WHERE instance_id=?1"));
  q.bind(1, instance);
  TRY_VOID(q.step());
  return q.integer(0);
}

Result<std::vector<AttachmentAndFate>> Attachments::in_zone(const ZoneName& zone) {
  TRY(auto q, tx_.prepare("SELECT " ATTACHMENT_COLUMNS
                          ", i.state FROM attachments a JOIN volumes v ON v.volume_id=a.volume_id "
                          "LEFT JOIN instances i ON i.instance_id=a.instance_id "
                          "WHERE v.zone=?1 ORDER BY a.volume_id"));
  q.bind(1, zone);
  return all_rows(q, read_with_fate);
}

Result<bool> Attachments::want_end(const VolumeId& volume, std::int64_t epoch, bool force,
                                   common::SysTime now) {
  TRY(const auto found, find(volume));
  if (!found || found->epoch != epoch) return false;
  // Who asks for it before the instance ends wants to keep it.
  TRY(auto keep, tx_.prepare("UPDATE attachments SET delete_on_termination=0 WHERE volume_id=?1"));
  TRY_VOID(keep.bind(1, volume).run());
  // Force may come later; the patience with the guest counts from then on.
  const bool newly_forced = force && !found->forced;
  TRY(const bool moved, advance(volume, epoch, AttachmentEvent::detach, "", now));
  if (!newly_forced) return moved;
  TRY(auto q, tx_.prepare("UPDATE attachments SET forced=1, changed_at_ms=?3 "
                          "WHERE volume_id=?1 AND epoch=?2"));
  q.bind(1, volume).bind(2, epoch).bind(3, to_ms(now));
  TRY_VOID(q.run());
  return true;
}

Result<bool> Attachments::advance(const VolumeId& volume, std::int64_t epoch, AttachmentEvent on,
                                  std::string_view reason, common::SysTime now) {
  TRY(const auto found, find(volume));
  if (!found || found->epoch != epoch) return false;
  const auto to = next(found->state, on);
  if (!to) return false;
  if (*to == AttachmentState::detached) {
    TRY(auto q, tx_.prepare("DELETE FROM attachments WHERE volume_id=?1 AND epoch=?2"));
    q.bind(1, volume).bind(2, epoch);
    TRY_VOID(q.run());
    TRY(const bool released, Volumes(tx_).advance(volume, VolumeEvent::release, "", now));
    TRY(const bool over, is_over(tx_, found->instance));
    if (!released || !over || !found->delete_on_termination) return released;
    return Volumes(tx_).advance(volume, VolumeEvent::unwant, "", now);
  }
  TRY(auto q, tx_.prepare("UPDATE attachments SET state=?4, reason=?5, changed_at_ms=?6 "
                          "WHERE volume_id=?1 AND epoch=?2 AND state=?3"));
  q.bind(1, volume).bind(2, epoch).bind(3, to_string(found->state)).bind(4, to_string(*to));
  q.bind(5, reason).bind(6, to_ms(now));
  TRY(const auto changed, q.run());
  return changed > 0;
}

}  // namespace angophora::clc
