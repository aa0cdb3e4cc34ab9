// Snapshots and who may make volumes of them. States change through the table in domain/snapshot.h
// only.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "clc/domain/snapshot.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class Snapshots {
 public:
  explicit Snapshots(Tx& tx) : tx_(tx) {}

  // Stores a new snapshot, and its tags.
  Result<> insert(const Snapshot& snapshot);

  // With tags and users. One that its owner has deleted is not there.
  Result<std::optional<Snapshot>> find(const SnapshotId& id);
  // Those that the account owns, may use, or that are public; by id.
  Result<std::vector<Snapshot>> visible_to(const AccountId& account);
  Result<std::vector<Snapshot>> all();  // of all accounts, for the administrators

  // What the storage controller of `zone` has to be asked about: pending ones, and those that are
  // being deleted, also of zones without a storage controller. One that a volume is being made of
  // is kept until that is made. Without tags and users.
  Result<std::vector<Snapshot>> unsettled_in(const ZoneName& zone);
  // All of a zone, also those that are deleted and still remembered.
  Result<std::map<SnapshotId, SnapshotState>> states_in(const ZoneName& zone);
  // True while the volume's bytes are needed for a snapshot that was promised.
  Result<bool> any_pending_of(const VolumeId& volume);

  // The storage controller has the point in time; nothing when it was known before.
  Result<> note_taken(const SnapshotId& id, common::SysTime started_at);
  Result<> note_progress(const SnapshotId& id, std::int64_t percent);
  // Moves it along its life; false when the table refuses the event.
  Result<bool> advance(const SnapshotId& id, SnapshotEvent on, std::string_view reason,
                       common::SysTime now);
  // Forgets snapshots that have been deleted since before `until`.
  Result<> purge(common::SysTime until);

  Result<> set_public(const SnapshotId& id, bool is_public);
  Result<> add_user(const SnapshotId& id, const AccountId& account);
  Result<> remove_user(const SnapshotId& id, const AccountId& account);
  // Back to the owner alone.
  Result<> reset_users(const SnapshotId& id);

 private:
  Result<std::vector<Snapshot>> read_all(Query& q);
  Tx& tx_;
};

}  // namespace angophora::clc
