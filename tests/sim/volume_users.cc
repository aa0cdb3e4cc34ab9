#include "clc/domain/instance_errors.h"
#include "clc/domain/volume_errors.h"
#include "tests/sim/users.h"

// What the users do with volumes.

namespace angophora::sim {

using clc::InstanceErrc;
using clc::VolumeErrc;
using common::Error;

namespace {

const char* const kDevices[] = {"/dev/sdf", "/dev/sdg", "xvdh", "/dev/vdi", "sdj"};
constexpr std::size_t kVolumesMax = 12;

template <class... Errc>
bool is_any(const Error& error, Errc... codes) {
  return ((error.code == codes) || ...);
}

// A user does not know what others, or an earlier attempt of his own, have done meanwhile.
bool may_not_attach(const Error& error) {
  return is_any(error, VolumeErrc::in_use, VolumeErrc::incorrect_state, VolumeErrc::device_in_use,
                VolumeErrc::too_many_attachments, VolumeErrc::not_found, InstanceErrc::not_found);
}
bool may_not_detach(const Error& error) {
  return is_any(error, VolumeErrc::incorrect_state, VolumeErrc::not_found);
}
bool may_not_delete(const Error& error) {
  return is_any(error, VolumeErrc::in_use, VolumeErrc::incorrect_state, VolumeErrc::not_found);
}

}  // namespace

void Users::live_with_volumes() {
  if (!busy_) return;
  switch (world_.random_below(8)) {
    case 0:
    case 1:
      create_volume();
      break;
    case 2:
    case 3:
    case 4:
      attach_volume();
      break;
    case 5:
    case 6:
      detach_volume();
      break;
    default:
      delete_volume();
      break;
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(volume_pause_).count();
  const auto pause = world_.random_below(2 * static_cast<std::uint64_t>(us));
  world_.call_at(world_.steady_now() + std::chrono::microseconds(pause),
                 [this] { live_with_volumes(); });
}

void Users::create_volume() {
  if (volumes_.size() >= kVolumesMax) return;
  const std::string account = kAccounts[world_.random_below(std::size(kAccounts))];
  auto wish = wishes_.action(account, "CreateVolume",
                             {{"AvailabilityZone", "zone-a"},
                              {"Size", std::to_string(1 + world_.random_below(3))},
                              {"ClientToken", "volume-" + std::to_string(next_token_++)}});
  wish->granted = [this, account](const clc::Reply& reply) {
    const VolumeId id(reply.find("volumeId").value_or(""));
    if (!volumes_.emplace(id, VolumePromise{account, false}).second)
      cloud_.trace.violate(id.value + " is promised twice");
    cloud_.trace.note("user has " + id.value);
  };
  wish->denied = [this](const Error& error) {
    cloud_.trace.violate("CreateVolume is refused: " + error.message);
  };
  wishes_.pursue(std::move(wish));
}

VolumeId Users::pick_volume() {
  std::vector<VolumeId> all;
  for (const auto& [id, promise] : volumes_)
    if (!promise.end_asked) all.push_back(id);
  return all.empty() ? VolumeId() : all[world_.random_below(all.size())];
}

void Users::wish_about(const VolumeId& id, std::string action, Cloud::Pairs more,
                       bool (*may_fail)(const Error& error)) {
  more.emplace_back("VolumeId", id.value);
  auto wish = wishes_.action(volumes_[id].account, action, std::move(more));
  wish->granted = [](const clc::Reply&) {};
  wish->denied = [this, id, action, may_fail](const Error& error) {
    if (!may_fail(error))
      cloud_.trace.violate(action + " of " + id.value + " is refused: " + error.message);
    const bool is_gone = error.code == VolumeErrc::not_found && !volumes_[id].end_asked;
    if (is_gone) cloud_.trace.violate(id.value + " was promised and is lost");
  };
  wishes_.pursue(std::move(wish));
}

void Users::attach_volume() {
  const auto id = pick_volume();
  if (id.empty()) return;
  const auto instance = pick([account = volumes_[id].account](const Promise& p) {
    return !p.end_asked && p.account == account;
  });
  if (instance.empty()) return;
  Cloud::Pairs more{{"InstanceId", instance.value},
                    {"Device", kDevices[world_.random_below(std::size(kDevices))]}};
  wish_about(id, "AttachVolume", std::move(more), may_not_attach);
}

void Users::detach_volume() {
  const auto id = pick_volume();
  if (id.empty()) return;
  Cloud::Pairs more{{"Force", world_.random_below(4) == 0 ? "true" : "false"}};
  wish_about(id, "DetachVolume", std::move(more), may_not_detach);
}

// A refusal leaves the volume as it is: it counts as asked for all the same, and nothing is made of
// it any more.
void Users::delete_volume() {
  if (world_.random_below(2) == 0) return;
  const auto id = pick_volume();
  if (id.empty()) return;
  volumes_[id].end_asked = true;
  wish_about(id, "DeleteVolume", {}, may_not_delete);
}

}  // namespace angophora::sim
