#include "clc/actions/instance_attribute.h"

#include <algorithm>

#include "clc/actions/instance_selection.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/security_groups.h"

namespace angophora::clc {

std::string_view name_of(InstanceAttribute attribute) {
  constexpr auto kNames = wire_names(InstanceAttribute{});
  for (const auto& [name, value] : kNames)
    if (value == attribute) return name;
  return "";
}

Result<Instance> named_instance(Tx& tx, const Caller& caller, const InstanceId& id) {
  TRY(auto instances, named_instances(tx, caller, {id}));
  return std::move(instances.front());
}

Error must_be_stopped(const Instance& instance) {
  return {InstanceErrc::incorrect_state,
          "The instance '" + instance.id.value + "' is not in the 'stopped' state."};
}

Result<std::vector<GroupName>> chosen_groups(Tx& tx, const AccountId& account,
                                             const std::vector<GroupId>& ids) {
  std::vector<GroupName> groups;
  for (const auto& id : ids) {
    if (!is_well_formed_id(id.value, "sg"))
      return Error(GroupErrc::malformed_id,
                   "Invalid id: \"" + id.value + "\" (expecting \"sg-...\")");
    TRY(const auto group, SecurityGroups(tx).find(account, id));
    const GroupName name{group.id, group.name};
    if (std::find(groups.begin(), groups.end(), name) == groups.end()) groups.push_back(name);
  }
  if (groups.empty()) return missing_parameter("GroupId");
  return groups;
}

}  // namespace angophora::clc
