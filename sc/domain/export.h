// Who may open a volume. The cloud controller numbers the attachments of each volume (the epoch,
// which only grows); one instance on one node holds the newest, and no older number counts for
// anything again. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sc/domain/volume.h"

namespace angophora::sc {

using common::InstanceId;
using common::NodeName;

enum class ExportErrc {
  stale_epoch = 1,  // a newer attachment was granted, or this one was revoked
  not_granted,      // the cloud controller has granted nothing of that number
  wrong_node,       // granted to another node
  wrong_instance,   // granted for another instance
};
std::string_view to_string(ExportErrc e);

// Whom the cloud controller names, or what a caller claims.
struct Holder {
  InstanceId instance;
  NodeName node;
  std::int64_t epoch = 0;
};

// What the storage controller knows of a volume's attachments.
struct Grant {
  VolumeId volume;
  Holder holder;         // of the highest epoch that was granted or revoked
  bool granted = false;  // false: nobody may open the volume
  bool open = false;     // an export server has it, and must have it
  std::uint16_t port = 0;
  std::string key;  // the client's, 32 bytes
};

enum class GrantStep { nothing, write };

// Whether `wish` may become the holder. ExportErrc::stale_epoch for a lower number and for one that
// was revoked; ExportErrc::wrong_node or wrong_instance when this number belongs to another.
Result<GrantStep> check_grant(const VolumeId& volume, const std::optional<Grant>& present,
                              const Holder& wish);

// Whether `caller` is the holder and may open the volume now.
Result<> check_open(const VolumeId& volume, const std::optional<Grant>& present,
                    const Holder& caller);

// Whether the end of `epoch` has anything to do: false when a higher number is known.
bool concerns(const std::optional<Grant>& present, std::int64_t epoch);

// Errc::invalid_argument for a number no attachment has.
Result<> check_epoch(std::int64_t epoch);

}  // namespace angophora::sc

ANGOPHORA_ERROR_ENUM(angophora::sc, ExportErrc)
