// The names under which EC2's users put disks into their instances. The cloud controller accepts a
// name and the node makes a disk of it by this one rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angophora::common {

// The letters of a device's name, "f" for /dev/sdf, sdf, /dev/xvdf and /dev/vdf: two names with the
// same letters are the same place. Nothing for what names no device.
std::optional<std::string> device_letters(std::string_view device);

}  // namespace angophora::common
