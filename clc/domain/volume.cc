#include "clc/domain/volume.h"

#include <algorithm>

#include "clc/domain/errors.h"

namespace angophora::clc {
namespace {

struct IopsRange {
  std::int64_t least, most, per_gib;
};

common::Error bad_iops(std::int64_t iops, const std::string& expected) {
  return {RequestErrc::invalid_value,
          "Invalid value '" + std::to_string(iops) + "' for iops: " + expected};
}

}  // namespace

std::string_view to_string(VolumeType type) {
  switch (type) {
    case VolumeType::standard:
      return "standard";
    case VolumeType::gp2:
      return "gp2";
    case VolumeType::gp3:
      return "gp3";
    case VolumeType::io1:
      return "io1";
  }
  return "standard";
}

std::optional<VolumeType> parse_volume_type(std::string_view text) {
  using T = VolumeType;
  for (const auto type : {T::standard, T::gp2, T::gp3, T::io1})
    if (text == to_string(type)) return type;
  return std::nullopt;
}

std::optional<std::int64_t> shown_iops(const Volume& volume) {
  switch (volume.type) {
    case VolumeType::standard:
      return std::nullopt;
    case VolumeType::gp2:
      return std::clamp<std::int64_t>(3 * volume.size_gib, 100, 16000);
    case VolumeType::gp3:
      return volume.iops > 0 ? volume.iops : 3000;
    case VolumeType::io1:
      return volume.iops;
  }
  return std::nullopt;
}

common::Result<> check_iops(VolumeType type, std::int64_t size_gib,
                            std::optional<std::int64_t> iops) {
  const auto name = std::string(to_string(type));
  if (type == VolumeType::standard || type == VolumeType::gp2) {
    if (!iops) return common::ok();
    return common::Error(RequestErrc::invalid_combination,
                         "The parameter iops is not supported for " + name + " volumes.");
  }
  if (type == VolumeType::io1 && !iops)
    return common::Error(RequestErrc::missing_parameter,
                         "The request must contain the parameter iops for io1 volumes");
  if (!iops) return common::ok();
  const auto range =
      type == VolumeType::io1 ? IopsRange{100, 64000, 50} : IopsRange{3000, 16000, 500};
  if (*iops < range.least || *iops > range.most)
    return bad_iops(*iops, name + " volumes take " + std::to_string(range.least) + " to " +
                               std::to_string(range.most));
  // A gp3 volume of any size has its least number.
  const auto most_of_size =
      std::max(range.per_gib * size_gib, type == VolumeType::gp3 ? range.least : std::int64_t{0});
  if (*iops > most_of_size)
    return bad_iops(
        *iops, name + " volumes take at most " + std::to_string(range.per_gib) + " for each GiB");
  return common::ok();
}

}  // namespace angophora::clc
