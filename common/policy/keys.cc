#include "common/policy/keys.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "common/base/text.h"

namespace angophora::policy {
namespace {

struct Key {
  std::string_view name;
  KeyKind kind;
};

constexpr auto kKeys = std::to_array<Key>({
#define KEY(name, kind) {name, KeyKind::kind},
#include "common/policy/keys.inc"
#undef KEY
});

// The claims of an OpenID token that AWS documents as keys behind the provider's name.
constexpr std::array<std::string_view, 9> kClaims{"aud",     "sub", "amr",  "azp",   "email",
                                                  "user_id", "id",  "oaud", "app_id"};

const std::unordered_map<std::string, KeyKind>& table() {
  static const auto built = [] {
    std::unordered_map<std::string, KeyKind> keys;
    for (const auto& key : kKeys) keys.emplace(common::to_lower(key.name), key.kind);
    return keys;
  }();
  return built;
}

std::optional<KeyKind> find_claim(std::string_view key) {
  const auto colon = key.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto provider = key.substr(0, colon), claim = key.substr(colon + 1);
  const auto host = provider.substr(0, provider.find_first_of("/:"));
  if (host.find('.') == std::string_view::npos && host != "localhost") return std::nullopt;
  if (provider.find_first_of(" \t\"'{}$*?") != std::string_view::npos) return std::nullopt;
  if (std::find(kClaims.begin(), kClaims.end(), claim) == kClaims.end()) return std::nullopt;
  return claim == "amr" ? KeyKind::many : KeyKind::single;
}

}  // namespace

std::optional<KeyKind> find_key(std::string_view key) {
  const auto& keys = table();
  if (const auto found = keys.find(std::string(key)); found != keys.end())
    return key.ends_with('/') ? std::nullopt : std::optional(found->second);
  if (const auto slash = key.find('/'); slash != std::string_view::npos)
    if (const auto found = keys.find(std::string(key.substr(0, slash + 1))); found != keys.end())
      return found->second;
  return find_claim(key);
}

std::string nearest_key(std::string_view key) {
  constexpr std::size_t kEditsMax = 3;
  if (key.size() > 80) return "";
  std::string_view best;
  auto distance = kEditsMax + 1;
  for (const auto& known : kKeys) {
    const auto d = common::edit_distance(common::to_lower(known.name), key);
    if (d < distance) {
      distance = d;
      best = known.name;
    }
  }
  return std::string(best);
}

}  // namespace angophora::policy
