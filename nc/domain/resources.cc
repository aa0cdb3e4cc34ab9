#include "nc/domain/resources.h"

#include <fmt/format.h>

namespace angophora::nc {

using common::Errc;
using common::Error;

Resources held_by(const InstanceSpec& spec) {
  constexpr std::uint64_t kMibPerGib = 1024;
  const auto& type = spec.type;
  const auto image_gib = (spec.machine_image.size_bytes + (1ull << 30) - 1) >> 30;
  const auto root_gib = std::max<std::uint64_t>(type.disk_gib, image_gib);
  const auto swap_gib = (type.swap_mib + kMibPerGib - 1) / kMibPerGib;
  return {type.vcpus, type.memory_mib, root_gib + type.ephemeral_gib + swap_gib};
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
