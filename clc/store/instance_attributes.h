// What may change about an instance while it lives. Each change raises the instance's revision.
#pragma once

#include <vector>

#include "clc/domain/instance.h"
#include "clc/store/rows.h"

namespace angophora::clc {

class InstanceAttributes {
 public:
  explicit InstanceAttributes(Tx& tx) : tx_(tx) {}
  Result<> set_termination_protected(const InstanceId& id, bool value);
  Result<> set_monitoring(const InstanceId& id, bool value);
  // In place of those that it is in.
  Result<> set_groups(const InstanceId& id, const std::vector<GroupName>& groups);
  // Of the volume that the instance has at this device, or, with no device, of that volume. False
  // when it has no such volume.
  Result<bool> set_delete_on_termination(const InstanceId& id, const VolumeId& volume,
                                         std::string_view device, bool value);

 private:
  Result<> set(const InstanceId& id, std::string_view column, bool value);
  Tx& tx_;
};

}  // namespace angophora::clc
