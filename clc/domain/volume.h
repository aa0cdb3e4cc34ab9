// A volume and its attachment as the database keeps them.
#pragma once

#include <optional>
#include <string>

#include "clc/domain/ids.h"
#include "clc/domain/tag.h"
#include "clc/domain/volume_state.h"
#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::clc {

inline constexpr std::int64_t kVolumeGibMin = 1;
inline constexpr std::int64_t kVolumeGibMax = 16384;
// What a node has ports for, beside a guest's own disks.
inline constexpr std::int64_t kAttachmentsPerInstanceMax = 16;

enum class VolumeType { standard, gp2, gp3, io1 };
std::string_view to_string(VolumeType type);
std::optional<VolumeType> parse_volume_type(std::string_view text);

// One volume on one instance. A volume has one at a time.
struct Attachment {
  VolumeId volume;
  std::int64_t epoch = 0;  // numbers the attachments of this volume; only grows
  InstanceId instance;
  NodeName node;                  // where the instance ran when it was claimed
  std::int64_t placement_no = 0;  // and under which placement
  std::string device;             // as the user named it
  AttachmentState state = AttachmentState::attaching;
  bool forced = false;  // the guest is not asked whether it lets go
  bool delete_on_termination = false;
  std::string reason;  // why it is not what was asked for
  common::SysTime attached_at{};
  common::SysTime changed_at{};
};

struct Volume {
  VolumeId id;
  AccountId account;
  ZoneName zone;
  std::int64_t size_gib = 0;
  SnapshotId snapshot;  // that it was made from; empty: none
  VolumeType type = VolumeType::standard;
  std::int64_t iops = 0;  // as asked for; 0: nothing was
  bool auto_enable_io = false;
  VolumeState state = VolumeState::creating;
  std::string reason;      // of an error
  std::int64_t epoch = 0;  // of its latest attachment
  std::string client_token;
  common::SysTime created_at{};
  common::SysTime changed_at{};
  Tags tags;
  std::optional<Attachment> attachment;  // the present one
};

// What DescribeVolumes shows: as asked for, or what the type has by itself; nothing for those that
// have no such number.
std::optional<std::int64_t> shown_iops(const Volume& volume);
// RequestErrc when AWS would not take this size and number for this type.
common::Result<> check_iops(VolumeType type, std::int64_t size_gib,
                            std::optional<std::int64_t> iops);

}  // namespace angophora::clc
