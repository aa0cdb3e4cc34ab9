// The life of a volume's attachment on its node, as a table, and what is recorded of it. No I/O.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/id.h"
#include "common/base/transitions.h"

namespace angophora::nc {

using common::VolumeId;

enum class AttachmentState {
  attaching,  // it is being exported, connected and plugged in
  attached,   // the guest has it
  detaching,  // the guest, then the node let go of it
  detached,   // nothing of it is left on the node
  failed,     // the same, and it never got as far as the guest; the reason says why
};

enum class AttachmentEvent {
  plugged,
  detach,   // ordered, or the instance ended
  give_up,  // it cannot be attached
  released,
  released_after_failure,
};

struct AttachmentTransition {
  AttachmentState from;
  AttachmentEvent on;
  AttachmentState to;
};

// The whole life of an attachment. A pair that is not here is refused.
inline constexpr auto kAttachmentTransitions = [] {
  using S = AttachmentState;
  using E = AttachmentEvent;
  return std::to_array<AttachmentTransition>({
      {S::attaching, E::plugged, S::attached},
      {S::attaching, E::detach, S::detaching},
      {S::attaching, E::give_up, S::detaching},
      {S::attached, E::detach, S::detaching},
      {S::detaching, E::released, S::detached},
      {S::detaching, E::released_after_failure, S::failed},
  });
}();

// The state after `on`, or nothing when the event is refused in `from`.
constexpr std::optional<AttachmentState> next(AttachmentState from, AttachmentEvent on) {
  return common::next_state(kAttachmentTransitions, from, on);
}
static_assert(next(AttachmentState::attaching, AttachmentEvent::plugged) ==
              AttachmentState::attached);
static_assert(!next(AttachmentState::detaching, AttachmentEvent::plugged));

constexpr bool is_over(AttachmentState s) {
  return s == AttachmentState::detached || s == AttachmentState::failed;
}

// As in the SOAP contract.
std::string_view to_string(AttachmentState s);
std::optional<AttachmentState> parse_attachment_state(std::string_view text);

// The storage controller that keeps the volume.
struct StorageRef {
  std::string name;  // in the registry, which also knows its certificate
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const StorageRef&) const = default;
};

// Where the storage controller serves the volume to this node.
struct VolumeExport {
  std::string host;
  std::uint16_t port = 0;
  std::string name;      // of the NBD export
  std::string username;  // of the TLS pre-shared key
  std::string key_hex;   // the key: a secret
  std::uint64_t size_bytes = 0;
  bool operator==(const VolumeExport&) const = default;
};

struct Attachment {
  VolumeId volume;
  std::int64_t epoch = 0;  // numbers the attachments of this volume; the cloud controller counts
  std::string device;      // as the user named it: "/dev/sdf"
  std::string target;      // of the guest's disk: "vdf"
  StorageRef storage;
  AttachmentState state = AttachmentState::attaching;
  std::string reason;    // why it failed, or what it waits for
  bool failing = false;  // detaching because it could not be attached
  bool forced = false;   // the guest is not waited for
  bool cut_off = false;  // the guest may still have the disk; nothing is behind it any more
  std::optional<VolumeExport> exported;  // from the first answer on, until it is let go
  bool operator==(const Attachment&) const = default;
};

// Orders for one attachment.
struct AttachOrder {
  common::InstanceId instance;
  std::int64_t placement_no = 0;
  VolumeId volume;
  std::int64_t epoch = 0;
  std::string device;
  StorageRef storage;
};
struct DetachOrder {
  common::InstanceId instance;
  std::int64_t placement_no = 0;
  VolumeId volume;
  std::int64_t epoch = 0;
  bool force = false;
};

// What the report says: an attachment that fails was attaching until it is over.
constexpr AttachmentState reported_state(const Attachment& a) {
  return a.failing && a.state == AttachmentState::detaching ? AttachmentState::attaching : a.state;
}

// The guest's disk for a device as EC2's users name it: "/dev/sdf", "sdf", "/dev/xvdf" and
// "/dev/vdf" are all "vdf". Nothing for other names.
std::optional<std::string> target_of_device(std::string_view device);

// What the guest can find the disk by: /dev/disk/by-id/virtio-SERIAL. A virtio serial has room for
// 20 characters, the id of a volume has 21, so the dash is left out, as Amazon's own disks do it.
std::string serial_of(const VolumeId& id);

}  // namespace angophora::nc
