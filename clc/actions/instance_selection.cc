#include "clc/actions/instance_selection.h"

#include <algorithm>
#include <map>
#include <set>

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

}  // namespace

Error no_such_instances(const std::vector<InstanceId>& ids) {
  std::string list;
  for (const auto& id : ids) list.append(list.empty() ? "" : ", ").append(id.value);
  if (ids.size() == 1)
    return {InstanceErrc::not_found, "The instance ID '" + list + "' does not exist"};
  return {InstanceErrc::not_found, "The instance IDs '" + list + "' do not exist"};
}

namespace {

// Rows that are read in one go: enough for a page, few enough for the memory of a long search.
constexpr std::int64_t kStretch = 1001;

using VolumesByInstance = std::map<InstanceId, std::vector<Attachment>>;

// Of all instances of the account; attached volumes are few beside instances.
Result<VolumesByInstance> attached_volumes(Tx& tx, const AccountId& account) {
  TRY(auto attachments, Attachments(tx).list(account));
  VolumesByInstance volumes;
  for (auto& attachment : attachments) {
    auto& list = volumes[attachment.instance];
    list.push_back(std::move(attachment));
  }
  return volumes;
}

void take_volumes(Instance& instance, const VolumesByInstance& volumes) {
  const auto found = volumes.find(instance.id);
  if (found != volumes.end()) instance.volumes = found->second;
}

Result<std::vector<Instance>> read_page(Tx& tx, const AccountId& account,
                                        const InstanceChoice& choice) {
  TRY(const auto volumes, attached_volumes(tx, account));
  std::vector<Instance> wanted;
  InstanceId after(choice.page.after);
  for (;;) {
    TRY(auto stretch, Instances(tx).list_after(account, after, kStretch));
    const bool is_last = stretch.size() < static_cast<std::size_t>(kStretch);
    if (!stretch.empty()) after = stretch.back().id;
    for (auto& instance : stretch) {
      take_volumes(instance, volumes);
      if (!choice.matches || choice.matches(instance)) wanted.push_back(std::move(instance));
    }
    if (is_last || wanted.size() > choice.page.limit) return wanted;
  }
}

// All accounts are meant by an empty one.
Result<std::vector<Instance>> read_named(Tx& tx, const AccountId& account,
                                         const InstanceChoice& choice) {
  TRY(const auto volumes, attached_volumes(tx, account));
  std::vector<Instance> wanted;
  std::vector<InstanceId> missing;
  const std::set<InstanceId> ids(choice.ids.begin(), choice.ids.end());
  for (const auto& id : ids) {
    TRY(auto found, Instances(tx).find(id));
    if (found) take_volumes(*found, volumes);
    if (!found || (!account.empty() && found->account != account))
      missing.push_back(id);
    else if (!choice.matches || choice.matches(*found))
      wanted.push_back(std::move(*found));
  }
  if (!missing.empty()) return no_such_instances(missing);
  return wanted;
}

}  // namespace

Task<std::vector<Instance>> select_instances(Services& s, Caller caller, InstanceChoice choice) {
  const bool verbose = std::erase(choice.ids, InstanceId(kVerbose)) > 0;
  CO_TRY_VOID(check_form(choice.ids));
  const auto account = verbose && caller.cloud_administrator ? AccountId() : caller.account;
  const auto read = [&account, &choice](Tx& tx) {
    return choice.ids.empty() ? read_page(tx, account, choice) : read_named(tx, account, choice);
  };
  co_return co_await s.db.read(read);
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
