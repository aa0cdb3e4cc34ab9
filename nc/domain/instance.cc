#include "nc/domain/instance.h"

#include <cctype>

namespace angophora::nc {

namespace {
constexpr std::array<std::pair<InstanceState, std::string_view>, 6> kNames{{
    {InstanceState::staging, "staging"},
    {InstanceState::booting, "booting"},
    {InstanceState::running, "running"},
    {InstanceState::shutting_down, "shutting-down"},
    {InstanceState::terminated, "terminated"},
    {InstanceState::failed, "failed"},
}};
}  // namespace

std::string_view to_string(InstanceState s) {
  for (const auto& [state, name] : kNames)
    if (state == s) return name;
  return "unknown";
}

std::optional<InstanceState> parse_instance_state(std::string_view text) {
  for (const auto& [state, name] : kNames)
    if (name == text) return state;
  return std::nullopt;
}

std::string dmi_uuid(const InstanceId& id) {
  std::string hex;
  for (const char c : id.value.substr(std::min<std::size_t>(2, id.value.size())))
    if (std::isxdigit(static_cast<unsigned char>(c)))
      hex += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  hex.resize(27, '0');
  // Version 4, variant 8; the other 27 digits are free.
  return "ec2" + hex.substr(0, 5) + "-" + hex.substr(5, 4) + "-4" + hex.substr(9, 3) + "-8" +
         hex.substr(12, 3) + "-" + hex.substr(15, 12);
}

}  // namespace angophora::nc
