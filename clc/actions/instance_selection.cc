#include "clc/actions/instance_selection.h"

#include <algorithm>
#include <map>

#include "clc/domain/instance_errors.h"
#include "clc/store/instances.h"
#include "clc/store/volumes.h"

namespace angophora::clc {
namespace {

Result<> check_form(const std::vector<InstanceId>& ids) {
  for (const auto& id : ids)
    if (!is_well_formed_id(id.value, "i"))
      return Error(InstanceErrc::malformed_id,
                   "Invalid id: \"" + id.value + "\" (expecting \"i-...\")");
  return common::ok();
}

Result<std::vector<Instance>> list_with_volumes(Tx& tx, const AccountId& account) {
  TRY(auto instances, Instances(tx).list(account));
  TRY(auto attachments, Attachments(tx).list(account));
  std::map<InstanceId, Instance*> by_id;
  for (auto& instance : instances) by_id[instance.id] = &instance;
  for (auto& attachment : attachments)
    if (const auto found = by_id.find(attachment.instance); found != by_id.end())
      found->second->volumes.push_back(std::move(attachment));
  return instances;
}

}  // namespace

Error no_such_instances(const std::vector<InstanceId>& ids) {
  std::string list;
  for (const auto& id : ids) list.append(list.empty() ? "" : ", ").append(id.value);
  if (ids.size() == 1)
    return {InstanceErrc::not_found, "The instance ID '" + list + "' does not exist"};
  return {InstanceErrc::not_found, "The instance IDs '" + list + "' do not exist"};
}

Task<std::vector<Instance>> select_instances(Services& s, Caller caller,
                                             std::vector<InstanceId> ids) {
  const bool verbose = std::erase(ids, InstanceId(kVerbose)) > 0;
  CO_TRY_VOID(check_form(ids));
  const auto account = verbose && caller.cloud_administrator ? AccountId() : caller.account;
  const auto list = [account](Tx& tx) { return list_with_volumes(tx, account); };
  CO_TRY(auto instances, co_await s.db.read(list));
  if (ids.empty()) co_return instances;
  std::vector<InstanceId> missing;
  for (const auto& id : ids)
    if (std::none_of(instances.begin(), instances.end(),
                     [&](const Instance& i) { return i.id == id; }))
      missing.push_back(id);
  if (!missing.empty()) co_return no_such_instances(missing);
  std::erase_if(instances, [&](const Instance& i) {
    return std::find(ids.begin(), ids.end(), i.id) == ids.end();
  });
  co_return instances;
}

Result<std::vector<Instance>> named_instances(Tx& tx, const Caller& caller,
                                              const std::vector<InstanceId>& ids) {
  if (ids.empty()) return missing_parameter("InstanceId");
  TRY_VOID(check_form(ids));
  std::vector<Instance> instances;
  std::vector<InstanceId> missing;
  for (const auto& id : ids) {
    TRY(auto found, Instances(tx).find(id));
    if (!found || (found->account != caller.account && !caller.cloud_administrator))
      missing.push_back(id);
    else
      instances.push_back(std::move(*found));
  }
  if (!missing.empty()) return no_such_instances(missing);
  return instances;
}

}  // namespace angophora::clc
