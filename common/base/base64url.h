// base64 as it survives mail, shells and file names: '-' and '_' instead of '+' and '/', no padding
// (RFC 4648, section 5). Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angophora::common {

std::string base64url_encode(std::string_view bytes);
// As strict as base64_decode.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace angophora::common
