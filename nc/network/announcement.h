// A gratuitous ARP: tells all neighbours on a link who has an address now.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "common/base/result.h"

namespace angophora::nc {

using MacBytes = std::array<std::uint8_t, 6>;
// The frame: a request (operation 1) or an answer (2) in which sender and target are the address.
std::array<std::uint8_t, 42> announcement_frame(const MacBytes& mac, std::uint32_t address,
                                                std::uint16_t operation);

// Sends both kinds on `dev`, as some listen to one and some to the other. Blocks shortly. A link
// without MACs is passed over.
common::Result<> announce_address(const std::string& dev, const std::string& address);

}  // namespace angophora::nc
