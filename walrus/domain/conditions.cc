#include "walrus/domain/conditions.h"

#include <algorithm>
#include <chrono>

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using common::Error;
using common::Result;

std::string_view bare_etag(std::string_view text) {
  text = common::trim(text);
  if (text.substr(0, 2) == "W/") text.remove_prefix(2);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  return text;
}

// Times in headers have whole seconds.
bool changed_after(common::SysTime changed, common::SysTime limit) {
  return std::chrono::floor<std::chrono::seconds>(changed) > limit;
}

Error outside() { return Error(S3Errc::invalid_range, "The requested range is not satisfiable"); }

}  // namespace

Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t size_bytes) {
  using None = std::optional<ByteRange>;
  header = common::trim(header);
  if (header.substr(0, 6) != "bytes=") return None();
  const auto spec = common::trim(header.substr(6));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos || spec.find(',') != std::string_view::npos) return None();
  const auto from_text = common::trim(spec.substr(0, dash));
  const auto to_text = common::trim(spec.substr(dash + 1));
  if (from_text.empty()) {
    const auto last = common::parse_number<std::uint64_t>(to_text);
    if (!last) return None();
    if (*last == 0 || size_bytes == 0) return outside();
    const auto length = std::min(*last, size_bytes);
    return None(ByteRange{size_bytes - length, length});
  }
  const auto from = common::parse_number<std::uint64_t>(from_text);
  if (!from) return None();
  auto to = size_bytes == 0 ? 0 : size_bytes - 1;
  if (!to_text.empty()) {
    const auto asked = common::parse_number<std::uint64_t>(to_text);
    if (!asked || *asked < *from) return None();
    to = std::min(to, *asked);
  }
  if (*from >= size_bytes) return outside();
  return None(ByteRange{*from, to - *from + 1});
}

bool Conditions::any() const {
  return !if_match.empty() || !if_none_match.empty() || !if_modified_since.empty() ||
         !if_unmodified_since.empty();
}

bool names_etag(std::string_view list, std::string_view etag) {
  for (const auto part : common::split(list, ',')) {
    const auto name = bare_etag(part);
    if (name == "*" || name == etag) return true;
  }
  return false;
}

bool DeleteConditions::hold(std::string_view etag_there, std::uint64_t size_there,
                            common::SysTime changed_there) const {
  using std::chrono::floor;
  using std::chrono::seconds;
  if (!etag.empty() && !names_etag(etag, etag_there)) return false;
  if (size_bytes && *size_bytes != size_there) return false;
  return !changed || floor<seconds>(*changed) == floor<seconds>(changed_there);
}

Verdict judge(const Conditions& conditions, std::string_view etag, common::SysTime changed) {
  if (!conditions.if_match.empty()) {
    if (!names_etag(conditions.if_match, etag)) return Verdict::failed;
  } else if (!conditions.if_unmodified_since.empty()) {
    const auto limit = common::parse_http_date(conditions.if_unmodified_since);
    if (limit && changed_after(changed, *limit)) return Verdict::failed;
  }
  if (!conditions.if_none_match.empty()) {
    if (names_etag(conditions.if_none_match, etag)) return Verdict::not_modified;
  } else if (!conditions.if_modified_since.empty()) {
    const auto limit = common::parse_http_date(conditions.if_modified_since);
    if (limit && !changed_after(changed, *limit)) return Verdict::not_modified;
  }
  return Verdict::proceed;
}

}  // namespace angophora::walrus
