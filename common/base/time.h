// Points in time as text. Everything is UTC.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace angophora::common {

using SysTime = std::chrono::sys_time<std::chrono::milliseconds>;

std::string format_iso8601(SysTime t);        // 2026-11-22T02:40:58.123Z
std::string format_iso8601_basic(SysTime t);  // 20261122T024058Z, as SigV4 wants it
std::string format_http_date(SysTime t);      // Sun, 22 Nov 2026 02:40:58 GMT

// Accepts 2026-11-22T02:40:58[.frac](Z|+hh:mm|nothing) and 20261122T024058Z.
std::optional<SysTime> parse_iso8601(std::string_view text);
// Accepts RFC 7231's preferred form, RFC 850's and asctime's, and numeric zones (RFC 2822).
std::optional<SysTime> parse_http_date(std::string_view text);

}  // namespace angophora::common
