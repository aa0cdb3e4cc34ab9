#include "walrus/domain/tags.h"

#include <algorithm>
#include <set>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kNameCharactersMax = 128;
constexpr std::size_t kValueCharactersMax = 256;

// Characters, not bytes: all but the continuation bytes of UTF-8.
std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const unsigned char c : text) count += (c & 0xc0) != 0x80;
  return count;
}

std::optional<Tags> read(std::string_view text) {
  Tags tags;
  if (text.empty()) return tags;
  for (const auto part : common::split(text, '&')) {
    const auto equals = part.find('=');
    auto name = common::percent_decode(part.substr(0, equals), true);
    auto value = common::percent_decode(
        equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true);
    if (!name || !value || !common::is_valid_utf8(*name) || !common::is_valid_utf8(*value))
      return std::nullopt;
    tags.emplace_back(std::move(*name), std::move(*value));
  }
  return tags;
}

}  // namespace

Result<> check_tags(const Tags& tags, std::size_t count_max) {
  if (tags.size() > count_max)
    return Error(S3Errc::invalid_tag,
                 "There cannot be more than " + std::to_string(count_max) + " tags.");
  std::set<std::string_view> names;
  for (const auto& [name, value] : tags) {
    if (name.empty() || characters(name) > kNameCharactersMax)
      return Error(S3Errc::invalid_tag, "The TagKey you have provided is invalid");
    if (characters(value) > kValueCharactersMax)
      return Error(S3Errc::invalid_tag, "The TagValue you have provided is invalid");
    if (!names.insert(name).second)
      return Error(S3Errc::invalid_tag, "Cannot provide multiple Tags with the same key");
  }
  return common::ok();
}

Result<Tags> parse_tagging_header(std::string_view text) {
  auto tags = read(text);
  if (!tags)
    return Error(S3Errc::invalid_argument,
                 "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
                 "parameters without tag name duplicates.");
  TRY_VOID(check_tags(*tags, kObjectTagsMax));
  std::sort(tags->begin(), tags->end());
  return std::move(*tags);
}

std::string store_tags(const Tags& tags) {
  std::string text;
  for (const auto& [name, value] : tags)
    text += (text.empty() ? "" : "&") + common::percent_encode(name) + "=" +
            common::percent_encode(value);
  return text;
}

Result<Tags> load_tags(std::string_view text) {
  auto tags = read(text);
  if (!tags) return Error(common::Errc::corrupt, "the stored tags do not read");
  return std::move(*tags);
}

}  // namespace angophora::walrus
