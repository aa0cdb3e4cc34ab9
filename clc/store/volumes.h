// Volumes and their attachments. States change through the tables in domain/volume_state.h only.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "clc/domain/volume.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class Volumes {
 public:
  explicit Volumes(Tx& tx) : tx_(tx) {}

  // Stores a new volume in `creating`, and its tags.
  Result<> insert(const Volume& volume);

  // With tags and attachment. A deleted volume is not there.
  Result<std::optional<Volume>> find(const VolumeId& id);
  // By id, the same way. An empty account means all accounts.
  Result<std::vector<Volume>> list(const AccountId& account);
  Result<bool> any_in_zone(const ZoneName& zone);

  // Those of a zone that are on their way somewhere: creating or deleting. Without tags.
  Result<std::vector<Volume>> unsettled_in(const ZoneName& zone);
  // All of a zone, also those that are deleted and still remembered.
  Result<std::map<VolumeId, VolumeState>> states_in(const ZoneName& zone);

  // Moves it along its life; false when the table refuses the event. A claim also numbers the
  // attachment: see Attachments.
  Result<bool> advance(const VolumeId& id, VolumeEvent on, std::string_view reason,
                       common::SysTime now);
  Result<> set_auto_enable_io(const VolumeId& id, bool enabled);
  // Forgets volumes that have been deleted since before `until`.
  Result<> purge(common::SysTime until);

 private:
  Result<std::vector<Volume>> read_all(Query& q);
  Tx& tx_;
};

// The instance of an attachment, as far as that decides about it.
enum class InstanceFate { lives, ends, over };

struct AttachmentAndFate {
  Attachment attachment;
  InstanceFate fate = InstanceFate::lives;
};

class Attachments {
 public:
  explicit Attachments(Tx& tx) : tx_(tx) {}

  // Claims an available volume and stores `attachment` under the volume's next epoch, which it
  // returns. VolumeErrc::in_use when it is no longer available, VolumeErrc::device_in_use when the
  // instance has something there.
  Result<std::int64_t> claim(const Attachment& attachment, common::SysTime now);

  // Takes over an attachment that a node has and that was given in a time that this database has
  // forgotten, with its number; false when the volume is not available.
  Result<bool> adopt(const Attachment& attachment, common::SysTime now);

  Result<std::optional<Attachment>> find(const VolumeId& volume);
  // Of all instances of an account, or of all accounts.
  Result<std::vector<Attachment>> list(const AccountId& account);
  Result<std::int64_t> count(const InstanceId& instance);
  // All of a zone, by volume, with what becomes of their instances.
  Result<std::vector<AttachmentAndFate>> in_zone(const ZoneName& zone);

  // A user wants its end; false when it is already on its way there and nothing changes.
  Result<bool> want_end(const VolumeId& volume, std::int64_t epoch, bool force,
                        common::SysTime now);
  // Moves it along its life; false when that epoch is not current or the table refuses the event.
  // On the way to `detached` the row goes and its volume is released; with delete_on_termination
  // and an instance that is over, nobody wants the volume any more.
  Result<bool> advance(const VolumeId& volume, std::int64_t epoch, AttachmentEvent on,
                       std::string_view reason, common::SysTime now);

 private:
  Result<> insert(const Attachment& attachment, common::SysTime now);
  Tx& tx_;
};

}  // namespace angophora::clc
