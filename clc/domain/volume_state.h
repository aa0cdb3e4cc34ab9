// The lives of a volume and of its attachment, each in one table; no other code assigns a state.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "common/base/transitions.h"

namespace angophora::clc {

enum class VolumeState {
  creating,   // acknowledged; its storage controller may not have it yet
  available,  // exists, and nobody has it
  in_use,     // claimed by an attachment
  deleting,   // nobody wants it any more; its bytes may still be there
  deleted,    // its bytes are gone
  error,      // could not be made
};

enum class VolumeEvent {
  made,      // the storage controller has it
  not_made,  // the storage controller refused for good
  claim,     // somebody attaches it
  release,   // the attachment is over
  unwant,    // its owner deletes it
  removed,   // the storage controller has let go of its bytes
};

struct VolumeTransition {
  VolumeState from;
  VolumeEvent on;
  VolumeState to;
};

// A pair that is not here is refused.
inline constexpr auto kVolumeTransitions = [] {
  using S = VolumeState;
  using E = VolumeEvent;
  return std::to_array<VolumeTransition>({
      {S::creating, E::made, S::available},
      {S::creating, E::not_made, S::error},
      {S::creating, E::unwant, S::deleting},
      {S::available, E::claim, S::in_use},
      {S::available, E::unwant, S::deleting},
      {S::in_use, E::release, S::available},
      {S::error, E::unwant, S::deleting},
      {S::deleting, E::removed, S::deleted},
  });
}();

// The state after `on`, or nothing when the event is refused in `from`.
constexpr std::optional<VolumeState> next(VolumeState from, VolumeEvent on) {
  return common::next_state(kVolumeTransitions, from, on);
}
static_assert(next(VolumeState::available, VolumeEvent::claim) == VolumeState::in_use);
static_assert(!next(VolumeState::in_use, VolumeEvent::claim));
static_assert(!next(VolumeState::in_use, VolumeEvent::unwant));

enum class AttachmentState {
  attaching,  // claimed; the storage controller and the node are being told
  attached,   // the node reports that the guest has it
  detaching,  // somebody wants it gone; the node may still have it
  busy,       // the same, and the guest does not let go
  revoking,   // the node has let go or is not waited for; the storage controller closes it
  detached,   // nothing of it is open anywhere
};

enum class AttachmentEvent {
  plugged,  // the node reports that the guest has it
  detach,   // a user wants its end
  held,     // the node reports that the guest does not let go
  let_go,   // the node reports, or knows, that it has nothing of it any more
  refused,  // the node or the storage controller refused it for good
  give_up,  // the node is not waited for: forced, or the instance is over
  revoked,  // the storage controller has closed it for good
};

struct AttachmentTransition {
  AttachmentState from;
  AttachmentEvent on;
  AttachmentState to;
};

inline constexpr auto kAttachmentTransitions = [] {
  using S = AttachmentState;
  using E = AttachmentEvent;
  return std::to_array<AttachmentTransition>({
      {S::attaching, E::plugged, S::attached},
      {S::attaching, E::detach, S::detaching},
      {S::attaching, E::let_go, S::revoking},
      {S::attaching, E::refused, S::revoking},
      {S::attaching, E::give_up, S::revoking},
      {S::attached, E::detach, S::detaching},
      {S::attached, E::let_go, S::revoking},
      {S::attached, E::give_up, S::revoking},
      {S::detaching, E::held, S::busy},
      {S::detaching, E::let_go, S::revoking},
      {S::detaching, E::give_up, S::revoking},
      {S::busy, E::detach, S::detaching},
      {S::busy, E::let_go, S::revoking},
      {S::busy, E::give_up, S::revoking},
      {S::revoking, E::revoked, S::detached},
  });
}();

constexpr std::optional<AttachmentState> next(AttachmentState from, AttachmentEvent on) {
  return common::next_state(kAttachmentTransitions, from, on);
}
static_assert(next(AttachmentState::attaching, AttachmentEvent::plugged) ==
              AttachmentState::attached);
static_assert(!next(AttachmentState::detaching, AttachmentEvent::plugged));
// Only the storage controller's word sets a volume free.
static_assert(!next(AttachmentState::detaching, AttachmentEvent::revoked));

// As the database keeps them; the volume's are EC2's words as well.
std::string_view to_string(VolumeState state);
std::string_view to_string(AttachmentState state);
std::optional<VolumeState> parse_volume_state(std::string_view text);
std::optional<AttachmentState> parse_attachment_state(std::string_view text);
// EC2's word for it.
std::string_view shown(AttachmentState state);

}  // namespace angophora::clc
