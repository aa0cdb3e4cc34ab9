#include "clc/domain/volume_state.h"

namespace angophora::clc {

std::string_view to_string(VolumeState state) {
  switch (state) {
    case VolumeState::creating:
      return "creating";
    case VolumeState::available:
      return "available";
    case VolumeState::in_use:
      return "in-use";
    case VolumeState::deleting:
      return "deleting";
    case VolumeState::deleted:
      return "deleted";
    case VolumeState::error:
      return "error";
  }
  return "error";
}

std::string_view to_string(AttachmentState state) {
  switch (state) {
    case AttachmentState::attaching:
      return "attaching";
    case AttachmentState::attached:
      return "attached";
    case AttachmentState::detaching:
      return "detaching";
    case AttachmentState::busy:
      return "busy";
    case AttachmentState::revoking:
      return "revoking";
    case AttachmentState::detached:
      return "detached";
  }
  return "detached";
}

std::optional<VolumeState> parse_volume_state(std::string_view text) {
  using S = VolumeState;
  for (const auto state : {S::creating, S::available, S::in_use, S::deleting, S::deleted, S::error})
    if (text == to_string(state)) return state;
  return std::nullopt;
}

std::optional<AttachmentState> parse_attachment_state(std::string_view text) {
  using S = AttachmentState;
  for (const auto state :
       {S::attaching, S::attached, S::detaching, S::busy, S::revoking, S::detached})
    if (text == to_string(state)) return state;
  return std::nullopt;
}

std::string_view shown(AttachmentState state) {
  return to_string(state == AttachmentState::revoking ? AttachmentState::detaching : state);
}

}  // namespace angophora::clc
