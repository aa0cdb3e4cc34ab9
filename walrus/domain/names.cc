#include "walrus/domain/names.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using common::Error;
using common::Result;

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_ip_address(std::string_view name) {
  const auto parts = common::split(name, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           return !part.empty() && part.size() <= 3 &&
                  std::all_of(part.begin(), part.end(),
                              [](char c) { return c >= '0' && c <= '9'; });
         });
}

// The bucket in front of `domain`, or nothing.
std::string bucket_of_host(std::string_view host, std::string_view domain) {
  if (domain.empty()) return {};
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos)
    host = host.substr(0, colon);
  if (host.size() <= domain.size() + 1) return {};
  const auto tail = host.substr(host.size() - domain.size());
  if (!common::equal_ignore_case(tail, domain) || host[host.size() - domain.size() - 1] != '.')
    return {};
  return common::to_lower(host.substr(0, host.size() - domain.size() - 1));
}

Result<std::string> decode(std::string_view text) {
  auto decoded = common::percent_decode(text);
  if (!decoded || !common::is_valid_utf8(*decoded))
    return Error(S3Errc::invalid_uri, "Couldn't parse the specified URI.");
  return std::move(*decoded);
}

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!is_alnum(name.front()) || !is_alnum(name.back())) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_alnum(c) && c != '.' && c != '-') return false;
    if (c == '.' && (name[i + 1] == '.' || name[i + 1] == '-' || name[i - 1] == '-')) return false;
  }
  return !is_ip_address(name);
}

Result<Target> parse_target(std::string_view host, std::string_view path, std::string_view domain) {
  Target target;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  target.bucket = bucket_of_host(host, domain);
  if (target.bucket.empty()) {
    const auto slash = path.find('/');
    TRY(target.bucket, decode(path.substr(0, slash)));
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  TRY(target.key, decode(path));
  return target;
}

Result<CopySource> parse_copy_source(std::string_view header) {
  constexpr std::string_view kVersion = "?versionId=";
  auto path = header;
  std::string version;
  const auto question = path.rfind(kVersion);
  if (question != std::string_view::npos) {
    TRY(version, decode(path.substr(question + kVersion.size())));
    if (version.empty())
      return Error(S3Errc::invalid_argument, "Version id cannot be the empty string");
    path = path.substr(0, question);
  }
  // Some clients encode the whole source, the slash between bucket and key included.
  TRY(auto text, decode(path));
  auto rest = std::string_view(text);
  if (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size())
    return Error(S3Errc::invalid_argument,
                 "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  return CopySource{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1)),
                    std::move(version)};
}

}  // namespace angophora::walrus
