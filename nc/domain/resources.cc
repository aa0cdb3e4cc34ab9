#include "nc/domain/resources.h"

#include <fmt/format.h>

#include "common/base/disk_room.h"

namespace angophora::nc {

using common::Errc;
using common::Error;

Resources held_by(const InstanceSpec& spec) {
  const auto& type = spec.type;
  const auto disk_gib =
      common::disk_room_gib(type.disk_gib, static_cast<std::int64_t>(spec.machine_image.size_bytes),
                            type.ephemeral_gib, type.swap_mib);
  return {type.vcpus, type.memory_mib, static_cast<std::uint64_t>(disk_gib)};
}

common::Result<> check_fit(const Resources& total, const Resources& used,
                           const InstanceSpec& wanted) {
  const auto more = held_by(wanted);
  const auto refuse = [&](const char* what, auto have, auto taken, auto want) {
    return Error(
        Errc::limit_exceeded,
        fmt::format("{} does not fit: it wants {} {}, the node has {} of which {} are taken",
                    wanted.id.value, want, what, have, taken));
  };
  if (more.vcpus > total.vcpus) return refuse("processors", total.vcpus, 0, more.vcpus);
  if (used.memory_mib + more.memory_mib > total.memory_mib)
    return refuse("MiB of memory", total.memory_mib, used.memory_mib, more.memory_mib);
  if (used.disk_gib + more.disk_gib > total.disk_gib)
    return refuse("GiB of disk", total.disk_gib, used.disk_gib, more.disk_gib);
  return common::ok();
}

}  // namespace angophora::nc
