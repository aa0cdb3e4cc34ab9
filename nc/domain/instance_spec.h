// What a node was told to run: the order, as values. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/id.h"
#include "common/base/time.h"

namespace angophora::nc {

using common::AccountId;
using common::ImageId;
using common::InstanceId;
using common::ReservationId;

enum class ImageKind { machine, kernel, ramdisk };

struct ImageRef {
  ImageId id;
  ImageKind kind = ImageKind::machine;
  std::uint64_t size_bytes = 0;
  bool whole_disk = false;  // has its own partition table and boot loader
  bool operator==(const ImageRef&) const = default;
};

struct InstanceType {
  std::string name;
  std::uint32_t vcpus = 1;
  std::uint32_t memory_mib = 0;
  std::uint32_t disk_gib = 0;       // of the root disk; the image's own size when that is larger
  std::uint32_t ephemeral_gib = 0;  // 0: none
  std::uint32_t swap_mib = 0;       // 0: none
  bool operator==(const InstanceType&) const = default;
};

struct NetConfig {
  std::string mac_address;
  std::string private_ip;
  std::string public_ip;  // at the time of the order; the network document has today's
  std::uint32_t device_index = 0;
  bool operator==(const NetConfig&) const = default;
};

struct InstanceSpec {
  InstanceId id;
  ReservationId reservation_id;
  AccountId account_id;
  std::int64_t placement_no = 0;
  std::uint32_t launch_index = 0;
  common::SysTime launch_time{};
  std::string zone;
  InstanceType type;
  ImageRef machine_image;
  std::optional<ImageRef> kernel_image;
  std::optional<ImageRef> ramdisk_image;
  std::string kernel_arguments;
  std::string key_name;
  std::string public_key;  // one line of an authorized_keys file
  std::string user_data;   // raw bytes
  std::string hostname;
  NetConfig net;
  std::vector<std::string> group_names;
  bool metadata_tokens_required = false;
  bool operator==(const InstanceSpec&) const = default;
};

}  // namespace angophora::nc
