#include "clc/actions/volume_selection.h"

#include <algorithm>

#include "clc/actions/instance_selection.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/volumes.h"

namespace angophora::clc {
namespace {

Result<> check_form(const VolumeId& id) {
  if (is_well_formed_id(id.value, "vol")) return common::ok();
  return Error(VolumeErrc::malformed_id,
               "Value (" + id.value + ") for parameter volumeId is invalid. Expected: 'vol-...'.");
}

Error no_such_volume(std::string_view ids) {
  return {VolumeErrc::not_found, "The volume '" + std::string(ids) + "' does not exist."};
}

}  // namespace

Task<std::vector<Volume>> select_volumes(Services& s, Caller caller, std::vector<VolumeId> ids) {
  const bool verbose = std::erase(ids, VolumeId(kVerbose)) > 0;
  for (const auto& id : ids) CO_TRY_VOID(check_form(id));
  const auto account = verbose && caller.cloud_administrator ? AccountId() : caller.account;
  const auto list = [account](Tx& tx) { return Volumes(tx).list(account); };
  CO_TRY(auto volumes, co_await s.db.read(list));
  if (ids.empty()) co_return volumes;
  std::string missing;
  for (const auto& id : ids)
    if (std::none_of(volumes.begin(), volumes.end(), [&](const Volume& v) { return v.id == id; }))
      missing.append(missing.empty() ? "" : ", ").append(id.value);
  if (!missing.empty()) co_return no_such_volume(missing);
  std::erase_if(volumes, [&](const Volume& v) {
    return std::find(ids.begin(), ids.end(), v.id) == ids.end();
  });
  co_return volumes;
}

Result<Volume> named_volume(Tx& tx, const Caller& caller, const VolumeId& id) {
  TRY_VOID(check_form(id));
  TRY(auto found, Volumes(tx).find(id));
  if (!found || (found->account != caller.account && !caller.cloud_administrator))
    return no_such_volume(id.value);
  return std::move(*found);
}

}  // namespace angophora::clc
