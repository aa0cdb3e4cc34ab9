#include "nc/domain/attachment.h"

#include "common/base/device_name.h"

namespace angophora::nc {

namespace {

constexpr std::size_t kSerialCharsMax = 20;

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
  const auto letters = common::device_letters(device);
  if (!letters) return std::nullopt;
  return "vd" + *letters;
}

std::string serial_of(const VolumeId& id) {
  auto serial = id.value;
  if (serial.size() > kSerialCharsMax) std::erase(serial, '-');
  return serial.substr(0, kSerialCharsMax);
}

}  // namespace angophora::nc
