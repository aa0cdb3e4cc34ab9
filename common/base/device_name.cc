#include "common/base/device_name.h"

#include <algorithm>

namespace angophora::common {

std::optional<std::string> device_letters(std::string_view device) {
  constexpr std::size_t kLettersMax = 2;
  if (device.starts_with("/dev/")) device.remove_prefix(5);
  for (const std::string_view kind : {"sd", "vd", "xvd"}) {
    if (!device.starts_with(kind)) continue;
    const auto letters = device.substr(kind.size());
    const bool good =
        !letters.empty() && letters.size() <= kLettersMax &&
        std::all_of(letters.begin(), letters.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (good) return std::string(letters);
  }
  return std::nullopt;
}

}  // namespace angophora::common
