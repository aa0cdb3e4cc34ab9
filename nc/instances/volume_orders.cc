// Orders for attachments. They change the record and nothing else; the driver does the rest.
#include <algorithm>

#include "common/log/log.h"
#include "nc/instances/live.h"
#include "nc/instances/outcomes.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

namespace {

Outcome refuse_unknown(const InstanceId& id) {
  return refuse(id, "not_found", "there is no instance " + id.value + " on this node");
}

Outcome refuse_epoch(const InstanceId& id, const Attachment& known, std::int64_t epoch) {
  return refuse(id, "stale_epoch",
                "the order is for attachment " + std::to_string(epoch) + " of " +
                    known.volume.value + ", this node knows of attachment " +
                    std::to_string(known.epoch));
}

Result<> check_attachment(const AttachOrder& order) {
  const auto bad = [](const std::string& what) { return Error(Errc::invalid_argument, what); };
  if (!is_safe_name(order.volume.value))
    return bad("\"" + order.volume.value + "\" is not a volume id");
  if (order.epoch <= 0) return bad("attachments are numbered from 1");
  if (!target_of_device(order.device))
    return bad("a guest cannot have a device \"" + order.device + "\"");
  if (!is_safe_name(order.storage.name) || order.storage.port == 0)
    return bad("the storage controller is not named");
  return common::ok();
}

// The disks that an instance has without any volume.
std::size_t own_disks(const InstanceSpec& spec) {
  return 1 + (spec.type.ephemeral_gib > 0 ? 1 : 0) + (spec.type.swap_mib > 0 ? 1 : 0);
}

}  // namespace

// Why the guest's device cannot be given away, if it cannot.
std::optional<Outcome> Instances::check_target(const AttachOrder& order,
                                               const LivePtr& live) const {
  const auto& id = order.instance;
  const auto target = *target_of_device(order.device);
  const auto in_use = [&](const std::string& by) {
    return refuse(id, "device_in_use", order.device + " of " + id.value + " is " + by);
  };
  for (std::size_t i = 0; i < own_disks(live->record.spec); ++i)
    if (target == std::string("vd") + static_cast<char>('a' + i))
      return in_use("a disk of its own");
  std::size_t held = 0;
  for (const auto& [volume, a] : live->record.volumes) {
    if (is_over(a.state) && !a.cut_off) continue;
    ++held;
    if (a.target == target && volume != order.volume) return in_use("held by " + volume.value);
  }
  if (held >= options_.volumes_max)
    return refuse(id, "limit_exceeded",
                  id.value + " has " + std::to_string(held) + " volumes, which is the most");
  return std::nullopt;
}

Task<Outcome> Instances::attach(AttachOrder order) {
  const auto id = order.instance;
  if (!recovered_) co_return refuse(id, still_finding());
  if (unreadable_.contains(id))
    co_return refuse(id, "io", "the record of " + id.value + " on this node cannot be read");
  if (auto good = check_attachment(order); !good) co_return refuse(id, good.error());
  const auto live = find(id);
  if (!live || order.placement_no > live->record.spec.placement_no) co_return refuse_unknown(id);
  auto& record = live->record;
  if (order.placement_no < record.spec.placement_no)
    co_return refuse_stale(record, order.placement_no);
  if (const auto it = record.volumes.find(order.volume); it != record.volumes.end()) {
    const auto& known = it->second;
    if (order.epoch < known.epoch) co_return refuse_epoch(id, known, order.epoch);
    if (order.epoch == known.epoch) {
      auto saved = co_await persist(live);  // the first order may not have got that far
      if (!saved) co_return refuse(id, saved.error());
      co_return accept(id);
    }
    if (is_over(known.state) && known.cut_off)
      co_return refuse(id, "device_in_use",
                       "the guest has not let go of " + order.volume.value +
                           " yet, which was taken away from it by force");
    if (!is_over(known.state)) {
      if (change(*live, order.volume, AttachmentEvent::detach, "a later attachment was ordered")) {
        (void)co_await persist(live);
        ensure_driven(live, order.volume);
      }
      co_return refuse(id, "unavailable",
                       "an earlier attachment of " + order.volume.value + " is being removed");
    }
  }
  if (record.state == InstanceState::staging || record.state == InstanceState::booting)
    co_return refuse(id, "unavailable", id.value + " is starting");
  if (record.state != InstanceState::running)
    co_return refuse(id, "incorrect_state",
                     id.value + " is " + std::string(to_string(record.state)));
  if (auto refused = check_target(order, live)) co_return std::move(*refused);
  co_return co_await record_attachment(live, std::move(order));
}

Task<Outcome> Instances::record_attachment(LivePtr live, AttachOrder order) {
  const auto id = order.instance;
  const auto volume = order.volume;
  const auto epoch = order.epoch;
  Attachment attachment;
  attachment.volume = order.volume;
  attachment.epoch = order.epoch;
  attachment.device = order.device;
  attachment.target = *target_of_device(order.device);
  attachment.storage = order.storage;
  std::optional<Attachment> before;
  if (const auto it = live->record.volumes.find(volume); it != live->record.volumes.end())
    before = it->second;
  live->record.volumes[volume] = std::move(attachment);
  ++live->record.sequence;
  live->volume(volume, runtime_.steady_now())->entered_at = runtime_.steady_now();
  touch();
  live->generation = generation_;
  auto saved = co_await persist(live);
  if (!saved) {
    // Unless another order changed it meanwhile, nothing has happened.
    auto& now = live->record.volumes[volume];
    if (now.epoch == epoch && now.state == AttachmentState::attaching &&
        !live->volume(volume, runtime_.steady_now())->driven) {
      if (before)
        now = std::move(*before);
      else
        live->record.volumes.erase(volume);
      ++live->record.sequence;
      touch();
    }
    co_return refuse(id, saved.error());
  }
  log::info("volume.ordered", {{"volume", volume},
                               {"instance", id},
                               {"epoch", epoch},
                               {"device", order.device},
                               {"storage", order.storage.name},
                               {"at", order.storage.host}});
  ensure_driven(live, volume);
  co_return accept(id);
}

Task<Outcome> Instances::detach(DetachOrder order) {
  const auto id = order.instance;
  if (!recovered_) co_return refuse(id, still_finding());
  if (unreadable_.contains(id))
    co_return refuse(id, "io", "the record of " + id.value + " on this node cannot be read");
  if (!is_safe_name(order.volume.value) || order.epoch <= 0)
    co_return refuse(id, "invalid_argument",
                     "\"" + order.volume.value + "\" is not a volume id, or not attached");
  const auto live = find(id);
  if (!live || order.placement_no > live->record.spec.placement_no) co_return refuse_unknown(id);
  if (order.placement_no < live->record.spec.placement_no)
    co_return refuse_stale(live->record, order.placement_no);
  const auto it = live->record.volumes.find(order.volume);
  if (it == live->record.volumes.end() ||
      (order.epoch > it->second.epoch && is_over(it->second.state) && !it->second.cut_off))
    co_return co_await bury_attachment(live, std::move(order));
  auto& known = it->second;
  if (order.epoch < known.epoch) co_return refuse_epoch(id, known, order.epoch);
  // Of a later attachment this node has never heard: what it has is earlier and must go too.
  if (order.epoch > known.epoch) {
    known.epoch = order.epoch;
    ++live->record.sequence;
  }
  if (order.force && !known.forced && !is_over(known.state)) {
    known.forced = true;
    ++live->record.sequence;
    live->volume(order.volume, runtime_.steady_now())->forced_at = runtime_.steady_now();
  }
  change(*live, order.volume, AttachmentEvent::detach);
  auto saved = co_await persist(live);
  ensure_driven(live, order.volume);
  if (!saved) co_return refuse(id, saved.error());
  co_return accept(id);
}

// Remembers that this attachment is over, so that an order to attach it that comes late is
// harmless.
Task<Outcome> Instances::bury_attachment(LivePtr live, DetachOrder order) {
  const auto id = order.instance;
  if (is_over(live->record.state)) co_return accept(id);
  Attachment attachment;
  attachment.volume = order.volume;
  attachment.epoch = order.epoch;
  attachment.state = AttachmentState::detached;
  attachment.reason = "detached by order; it never was attached on this node";
  live->record.volumes[order.volume] = std::move(attachment);
  ++live->record.sequence;
  touch();
  live->generation = generation_;
  auto saved = co_await persist(live);
  if (!saved) co_return refuse(id, saved.error());
  co_return accept(id);
}

}  // namespace angophora::nc
