// Bytes as text and back: hex, base64, percent-encoding. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angophora::common {

std::string hex_encode(std::string_view bytes);  // lower case
std::optional<std::string> hex_decode(std::string_view text);

std::string base64_encode(std::string_view bytes);
// Strict about alphabet and padding, but white space (also CR LF) is skipped: clients wrap lines.
std::optional<std::string> base64_decode(std::string_view text);

// RFC 3986 percent-encoding as AWS signs it: all but A-Z a-z 0-9 - . _ ~; '/' kept when asked for.
std::string percent_encode(std::string_view text, bool keep_slash = false);
// Decodes %XX; '+' becomes a space when `plus_is_space` (query strings and forms). Nothing when a
// '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

// Compares without telling by its time where the first difference is. Lengths may leak.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace angophora::common
