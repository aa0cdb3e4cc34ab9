// Requests and replies as XML and back, by gSOAP. Only bytes whose signature was verified are
// given to decode. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

class t__registry;

namespace angophora::soap {

inline constexpr std::size_t kMessageBytesMax = 16 << 20;
inline constexpr int kMessageDepthMax = 64;

// The registry document, the element t:registry.
common::Result<std::string> encode_registry(const t__registry& registry);
common::Result<t__registry> decode_registry(std::string_view xml);

}  // namespace angophora::soap
