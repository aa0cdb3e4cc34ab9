// Text forms of bytes and times. The first byte chooses; what is read must read the same again
// after it was written.
#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/base/time.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace angophora::common;
using angophora::fuzz::require;

void fuzz_hex(std::string_view text) {
  const auto bytes = hex_decode(text);
  require(!bytes || hex_encode(*bytes) == to_lower(text));
  require(hex_decode(hex_encode(text)) == text);
}

void fuzz_base64(std::string_view text) {
  const auto bytes = base64_decode(text);
  require(!bytes || base64_decode(base64_encode(*bytes)) == *bytes);
  require(base64_decode(base64_encode(text)) == text);
}

void fuzz_percent(std::string_view text) {
  (void)percent_decode(text, true);
  require(percent_decode(percent_encode(text)) == text);
  require(percent_decode(percent_encode(text, true)) == text);
}

void fuzz_iso8601(std::string_view text) {
  const auto time = parse_iso8601(text);
  require(!time || parse_iso8601(format_iso8601(*time)) == *time);
}

void fuzz_http_date(std::string_view text) {
  const auto time = parse_http_date(text);
  if (!time) return;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
  require(parse_http_date(format_http_date(seconds)) == SysTime(seconds));
}

void fuzz_glob(std::string_view text) {
  const auto cut = text.find('\n');
  if (cut == text.npos || text.size() > 4096) return;
  (void)glob_match(text.substr(0, cut), text.substr(cut + 1));
  require(glob_match("*", text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angophora::fuzz::choose(
      data, size, {fuzz_hex, fuzz_base64, fuzz_percent, fuzz_iso8601, fuzz_http_date, fuzz_glob});
  return 0;
}
