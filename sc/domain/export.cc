#include "sc/domain/export.h"

namespace angophora::sc {
namespace {

std::string attachment(const VolumeId& volume, std::int64_t epoch) {
  return "attachment " + std::to_string(epoch) + " of volume " + volume.value;
}

Result<> check_holder(const VolumeId& volume, const Holder& held, const Holder& claimed) {
  if (held.instance != claimed.instance)
    return Error(
        ExportErrc::wrong_instance,
        attachment(volume, held.epoch) + " does not belong to instance " + claimed.instance.value);
  if (held.node != claimed.node)
    return Error(ExportErrc::wrong_node,
                 attachment(volume, held.epoch) + " does not belong to node " + claimed.node.value);
  return common::ok();
}

Error stale(const VolumeId& volume, std::int64_t epoch) {
  return Error(ExportErrc::stale_epoch, attachment(volume, epoch) + " is over");
}

}  // namespace

std::string_view to_string(ExportErrc e) {
  switch (e) {
    case ExportErrc::stale_epoch:
      return "stale_epoch";
    case ExportErrc::not_granted:
      return "not_granted";
    case ExportErrc::wrong_node:
      return "wrong_node";
    case ExportErrc::wrong_instance:
      return "wrong_instance";
  }
  return "unknown";
}

Result<> check_epoch(std::int64_t epoch) {
  if (epoch > 0) return common::ok();
  return Error(common::Errc::invalid_argument,
               "an attachment has a number from 1, not " + std::to_string(epoch));
}

Result<GrantStep> check_grant(const VolumeId& volume, const std::optional<Grant>& present,
                              const Holder& wish) {
  TRY_VOID(check_epoch(wish.epoch));
  if (wish.instance.empty() || wish.node.empty())
    return Error(common::Errc::invalid_argument, "a grant names an instance and a node");
  if (!present || wish.epoch > present->holder.epoch) return GrantStep::write;
  if (wish.epoch < present->holder.epoch || !present->granted) return stale(volume, wish.epoch);
  TRY_VOID(check_holder(volume, present->holder, wish));
  return GrantStep::nothing;
}

Result<> check_open(const VolumeId& volume, const std::optional<Grant>& present,
                    const Holder& caller) {
  TRY_VOID(check_epoch(caller.epoch));
  if (!present || caller.epoch > present->holder.epoch)
    return Error(ExportErrc::not_granted, attachment(volume, caller.epoch) + " is not granted");
  if (caller.epoch < present->holder.epoch || !present->granted) return stale(volume, caller.epoch);
  return check_holder(volume, present->holder, caller);
}

bool concerns(const std::optional<Grant>& present, std::int64_t epoch) {
  return !present || epoch >= present->holder.epoch;
}

}  // namespace angophora::sc
