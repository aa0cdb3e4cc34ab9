// A snapshot as the database keeps it, and its life in one table; no other code assigns a state.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>

#include "clc/domain/ids.h"
#include "clc/domain/tag.h"
#include "common/base/time.h"
#include "common/base/transitions.h"

namespace angophora::clc {

enum class SnapshotState {
  pending,    // acknowledged; see Snapshot::taken
  completed,  // all of it is in the object store
  error,      // could not be taken or stored
  deleting,   // nobody wants it any more; its bytes may still be there
  deleted,    // its bytes are gone
};

enum class SnapshotEvent {
  completed,  // the storage controller has stored the last chunk
  failed,     // the storage controller refused or gave up for good
  unwant,     // its owner deletes it
  removed,    // the storage controller has let go of its bytes
};

struct SnapshotTransition {
  SnapshotState from;
  SnapshotEvent on;
  SnapshotState to;
};

// A pair that is not here is refused.
inline constexpr auto kSnapshotTransitions = [] {
  using S = SnapshotState;
  using E = SnapshotEvent;
  return std::to_array<SnapshotTransition>({
      {S::pending, E::completed, S::completed},
      {S::pending, E::failed, S::error},
      {S::pending, E::unwant, S::deleting},
      {S::completed, E::unwant, S::deleting},
      {S::error, E::unwant, S::deleting},
      {S::deleting, E::removed, S::deleted},
  });
}();

// The state after `on`, or nothing when the event is refused in `from`.
constexpr std::optional<SnapshotState> next(SnapshotState from, SnapshotEvent on) {
  return common::next_state(kSnapshotTransitions, from, on);
}
static_assert(next(SnapshotState::pending, SnapshotEvent::completed) == SnapshotState::completed);
static_assert(!next(SnapshotState::deleting, SnapshotEvent::completed));
static_assert(!next(SnapshotState::error, SnapshotEvent::completed));

// As the database keeps them; the first three are EC2's words as well.
std::string_view to_string(SnapshotState state);
std::optional<SnapshotState> parse_snapshot_state(std::string_view text);

struct Snapshot {
  SnapshotId id;
  AccountId account;
  VolumeId volume;
  ZoneName zone;  // of the volume: its storage controller takes it
  std::int64_t size_gib = 0;
  std::string description;
  SnapshotState state = SnapshotState::pending;
  std::string reason;         // of an error
  std::int64_t progress = 0;  // percent
  bool taken = false;         // the storage controller has the point in time on its disk
  bool is_public = false;
  common::SysTime started_at{};  // the point in time, once it is taken
  common::SysTime changed_at{};
  std::set<AccountId> users;  // accounts that the owner lets make volumes of it
  Tags tags;

  bool visible_to(const AccountId& who) const {
    return account == who || is_public || users.contains(who);
  }
};

}  // namespace angophora::clc
