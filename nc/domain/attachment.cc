#include "nc/domain/attachment.h"

#include <algorithm>

namespace angophora::nc {

namespace {

constexpr std::size_t kSerialCharsMax = 20;
constexpr std::size_t kLettersMax = 2;

}  // namespace

std::string_view to_string(AttachmentState s) {
  switch (s) {
    case AttachmentState::attaching:
      return "attaching";
    case AttachmentState::attached:
      return "attached";
    case AttachmentState::detaching:
      return "detaching";
    case AttachmentState::detached:
      return "detached";
    case AttachmentState::failed:
      return "failed";
  }
  return "failed";
}

std::optional<AttachmentState> parse_attachment_state(std::string_view text) {
  using S = AttachmentState;
  for (const auto s : {S::attaching, S::attached, S::detaching, S::detached, S::failed})
    if (to_string(s) == text) return s;
  return std::nullopt;
}

std::optional<std::string> target_of_device(std::string_view device) {
  if (device.starts_with("/dev/")) device.remove_prefix(5);
  for (const std::string_view kind : {"sd", "vd", "xvd"}) {
    if (!device.starts_with(kind)) continue;
    const auto letters = device.substr(kind.size());
    const bool good =
        !letters.empty() && letters.size() <= kLettersMax &&
        std::all_of(letters.begin(), letters.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (good) return "vd" + std::string(letters);
  }
  return std::nullopt;
}

std::string serial_of(const VolumeId& id) {
  auto serial = id.value;
  if (serial.size() > kSerialCharsMax) std::erase(serial, '-');
  return serial.substr(0, kSerialCharsMax);
}

}  // namespace angophora::nc
