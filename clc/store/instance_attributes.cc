#include "clc/store/instance_attributes.h"

#include "clc/store/instances.h"
#include "common/base/device_name.h"

namespace angophora::clc {

Result<> InstanceAttributes::set(const InstanceId& id, std::string_view column, bool value) {
  TRY(auto q,
      tx_.prepare("UPDATE instances SET " + std::string(column) + "=?2 WHERE instance_id=?1"));
  TRY_VOID(q.bind(1, id).bind(2, value).run());
  return Instances(tx_).touch(id);
}

Result<> InstanceAttributes::set_termination_protected(const InstanceId& id, bool value) {
  return set(id, "termination_protected", value);
}

Result<> InstanceAttributes::set_monitoring(const InstanceId& id, bool value) {
  return set(id, "monitoring", value);
}

Result<> InstanceAttributes::set_groups(const InstanceId& id,
                                        const std::vector<GroupName>& groups) {
  TRY(auto gone, tx_.prepare("DELETE FROM instance_groups WHERE instance_id=?1"));
  TRY_VOID(gone.bind(1, id).run());
  for (const auto& group : groups) {
    TRY(auto q, tx_.prepare("INSERT INTO instance_groups (instance_id, group_id, group_name) "
                            "VALUES (?1, ?2, ?3)"));
    TRY_VOID(q.bind(1, id).bind(2, group.id).bind(3, group.name).run());
  }
  return Instances(tx_).touch(id);
}

Result<bool> InstanceAttributes::set_delete_on_termination(const InstanceId& id,
                                                           const VolumeId& volume,
                                                           std::string_view device, bool value) {
  const std::string letters = common::device_letters(device).value_or(std::string(device));
  TRY(auto q, tx_.prepare("UPDATE attachments SET delete_on_termination=?4 WHERE instance_id=?1 "
                          "AND (?2='' OR volume_id=?2) AND (?3='' OR device_letters=?3)"));
  q.bind(1, id).bind(2, volume).bind(3, letters).bind(4, value);
  TRY(const auto changed, q.run());
  return changed > 0;
}

}  // namespace angophora::clc
