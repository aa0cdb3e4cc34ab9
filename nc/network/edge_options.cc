#include "nc/network/edge_options.h"

#include "common/base/text.h"

namespace angophora::nc {

using common::Errc;
using common::Error;

std::string tap_name(const common::InstanceId& id) {
  const auto& text = id.value;
  return std::string(kTapPrefix) + text.substr(text.size() > 10 ? text.size() - 10 : 0);
}

common::Result<std::vector<std::uint16_t>> parse_ports(std::string_view text) {
  std::vector<std::uint16_t> ports;
  if (common::trim(text).empty()) return ports;
  for (const auto part : common::split(text, ',')) {
    const auto port = common::parse_number<std::uint16_t>(common::trim(part));
    if (!port || *port == 0)
      return Error(Errc::invalid_argument, "'" + std::string(part) + "' is not a port");
    ports.push_back(*port);
  }
  return ports;
}

}  // namespace angophora::nc
