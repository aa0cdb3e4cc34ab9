#include "walrus/domain/object.h"

#include <algorithm>

#include "common/base/text.h"

namespace angophora::walrus {
namespace {

Error does_not_read(std::string_view what) {
  return Error(common::Errc::corrupt, "the stored " + std::string(what) + " do not read");
}

std::vector<std::string_view> lines_of(std::string_view text) {
  auto lines = common::split(text, '\n');
  std::erase(lines, std::string_view{});
  return lines;
}

}  // namespace

std::string_view to_string(Versioning versioning) {
  switch (versioning) {
    case Versioning::off:
      return "";
    case Versioning::enabled:
      return "Enabled";
    case Versioning::suspended:
      return "Suspended";
  }
  return "";
}

std::optional<Versioning> parse_versioning(std::string_view name) {
  for (const auto v : {Versioning::off, Versioning::enabled, Versioning::suspended})
    if (to_string(v) == name) return v;
  return std::nullopt;
}

std::string store_headers(const StoredHeaders& headers) {
  std::string text;
  for (const auto& [name, value] : headers) text += name + ":" + value + "\n";
  return text;
}

StoredHeaders load_headers(std::string_view text) {
  StoredHeaders headers;
  for (const auto line : lines_of(text)) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  return headers;
}

std::string store_segments(const std::vector<Segment>& segments) {
  std::string text;
  for (const auto& s : segments)
    text += s.blob + " " + std::to_string(s.offset) + " " + std::to_string(s.length) + "\n";
  return text;
}

Result<std::vector<Segment>> load_segments(std::string_view text) {
  std::vector<Segment> segments;
  for (const auto line : lines_of(text)) {
    const auto words = common::split(line, ' ');
    if (words.size() != 3) return does_not_read("segments");
    const auto offset = common::parse_number<std::uint64_t>(words[1]);
    const auto length = common::parse_number<std::uint64_t>(words[2]);
    if (!offset || !length) return does_not_read("segments");
    segments.push_back({std::string(words[0]), *offset, *length});
  }
  return segments;
}

std::string store_parts(const std::vector<ObjectPart>& parts) {
  std::string text;
  for (const auto& part : parts)
    text += std::to_string(part.number) + " " + std::to_string(part.size_bytes) +
            (part.checksum.empty() ? "" : " " + part.checksum) + "\n";
  return text;
}

Result<std::vector<ObjectPart>> load_parts(std::string_view text) {
  std::vector<ObjectPart> parts;
  for (const auto line : lines_of(text)) {
    const auto words = common::split(line, ' ');
    if (words.size() != 2 && words.size() != 3) return does_not_read("parts");
    const auto number = common::parse_number<int>(words[0]);
    const auto size = common::parse_number<std::uint64_t>(words[1]);
    if (!number || !size) return does_not_read("parts");
    parts.push_back({*size, *number, words.size() == 3 ? std::string(words[2]) : std::string()});
  }
  return parts;
}

std::string store_checksum(const std::optional<StoredChecksum>& checksum) {
  if (!checksum) return {};
  return std::string(to_string(checksum->kind)) + (checksum->composite ? " c " : " f ") +
         checksum->value;
}

Result<std::optional<StoredChecksum>> load_checksum(std::string_view text) {
  if (text.empty()) return std::optional<StoredChecksum>();
  const auto words = common::split(text, ' ');
  const auto kind = parse_checksum_kind(words[0]);
  if (words.size() != 3 || !kind) return does_not_read("checksums");
  return std::optional(StoredChecksum{*kind, words[1] == "c", std::string(words[2])});
}

std::string store_retention(const std::optional<Retention>& retention) {
  if (!retention) return {};
  return std::string(retention->compliance ? "COMPLIANCE " : "GOVERNANCE ") +
         std::to_string(retention->until.time_since_epoch().count());
}

Result<std::optional<Retention>> load_retention(std::string_view text) {
  if (text.empty()) return std::optional<Retention>();
  const auto words = common::split(text, ' ');
  const auto until =
      words.size() == 2 ? common::parse_number<std::int64_t>(words[1]) : std::nullopt;
  if (!until) return does_not_read("retentions");
  return std::optional(
      Retention{words[0] == "COMPLIANCE", common::SysTime(std::chrono::milliseconds(*until))});
}

std::vector<Segment> cut(const std::vector<Segment>& content, std::uint64_t first,
                         std::uint64_t length) {
  std::vector<Segment> result;
  for (const auto& segment : content) {
    if (length == 0) break;
    if (first >= segment.length) {
      first -= segment.length;
      continue;
    }
    const auto taken = std::min(length, segment.length - first);
    result.push_back({segment.blob, segment.offset + first, taken});
    length -= taken;
    first = 0;
  }
  return result;
}

}  // namespace angophora::walrus
