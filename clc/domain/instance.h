// An instance as the database keeps it: what was asked for, and what was last seen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/domain/instance_state.h"
#include "clc/domain/profile_use.h"
#include "clc/domain/tag.h"
#include "clc/domain/volume.h"
#include "common/base/time.h"

namespace angophora::clc {

// What an instance takes of a node.
struct Resources {
  std::int64_t vcpus = 0;
  std::int64_t memory_mib = 0;
  std::int64_t disk_gib = 0;

  bool operator==(const Resources&) const = default;
  Resources& operator+=(const Resources& other);
  Resources& operator-=(const Resources& other);
};

// What an instance with these takes of a node: all its disks count.
Resources room_of(Resources of_type, std::int64_t ephemeral_gib, std::int64_t swap_mib);

struct GroupName {
  GroupId id;
  std::string name;
  bool operator==(const GroupName&) const = default;
};

struct StateReason {
  std::string code;  // e.g. Client.UserInitiatedShutdown
  std::string message;
};

struct Instance {
  InstanceId id;
  ReservationId reservation;
  AccountId account;
  std::int64_t launch_index = 0;
  ZoneName zone;

  std::string type;
  Resources resources;
  std::int64_t ephemeral_gib = 0;
  std::int64_t swap_mib = 0;
  ImageId image;
  ImageId kernel;   // empty: a whole-disk image
  ImageId ramdisk;  // empty: none
  std::string architecture = "x86_64";
  VpcId vpc;
  SubnetId subnet;
  std::string key_name;
  std::string public_key;
  std::string user_data;  // raw bytes
  std::string client_token;
  std::vector<GroupName> groups;
  std::string mac;
  std::uint32_t private_ip = 0;  // host byte order
  // The address that the world outside reaches it by; 0: none.
  std::uint32_t public_ip = 0;
  AllocationId public_allocation;  // empty: the address came with the instance
  AssociationId public_association;
  bool metadata_tokens_required = false;
  bool termination_protected = false;
  bool monitoring = false;
  Tags tags;
  ProfileUse profile;

  InstanceState state = InstanceState::pending;
  bool wants_to_run = true;
  NodeName node;                  // empty: not placed
  std::int64_t placement_no = 1;  // of the placement on `node`, or of the next one
  StateReason reason;
  common::SysTime launched_at{};
  common::SysTime changed_at{};
  std::int64_t revision = 0;  // grows with every change of any instance
  // Where room was promised for it, while it has no node. Empty when no node has that room.
  NodeName promised_node;
  std::vector<Attachment> volumes = {};  // only where an action looked them up to show them

  bool holds_resources() const { return state != InstanceState::terminated; }
  // What it takes of the node that it is on or that was promised to it.
  Resources room() const;
  const NodeName& home() const { return node.empty() ? promised_node : node; }
};

// ip-10-100-0-7.angophora.internal
std::string private_dns_name(std::uint32_t address);
// What resolves to a public address everywhere: the address itself. "" for 0.
std::string public_dns_name(std::uint32_t address);
// Of the one network interface that an instance has: made from the instance's id.
std::string interface_id(const InstanceId& id);
std::string attachment_id(const InstanceId& id);

}  // namespace angophora::clc
