// The kinds of instances that can be run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clc/domain/instance.h"
#include "common/base/result.h"

namespace angophora::clc {

struct InstanceType {
  std::string name;
  Resources resources;
  std::int64_t ephemeral_gib = 0;
  std::int64_t swap_mib = 0;
  std::int64_t interfaces = 1;

  // What one instance takes of a node.
  Resources room() const { return room_of(resources, ephemeral_gib, swap_mib); }
};

class InstanceTypes {
 public:
  // The types a fresh cloud has.
  InstanceTypes();

  // Applies changes to the fresh cloud's types: "t2.nano=1,256,2 big.one=32,65536,100", which is
  // NAME=VCPUS,MEMORY_MIB,DISK_GIB[,EPHEMERAL_GIB[,SWAP_MIB]]; a new name adds a type, "NAME=off"
  // removes one. Errc::invalid_argument names the entry that is wrong.
  static common::Result<InstanceTypes> parse(std::string_view changes);

  // Nothing when there is no such type.
  const InstanceType* find(std::string_view name) const;
  // In the order of the table.
  const std::vector<InstanceType>& all() const { return types_; }

 private:
  std::vector<InstanceType> types_;
};

// What RunInstances takes when the request names no type.
inline constexpr std::string_view kDefaultInstanceType = "t2.micro";

}  // namespace angophora::clc
