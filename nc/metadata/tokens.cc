#include "nc/metadata/tokens.h"

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"

namespace angophora::nc {

// "v1", the expiry in milliseconds and the digest, with '-' between them: safe in a header.
std::string MetadataTokens::issue(const common::InstanceId& instance,
                                  common::SysTime expiry) const {
  const auto when = std::to_string(expiry.time_since_epoch().count());
  return "v1-" + when + "-" + seal(when, instance);
}

bool MetadataTokens::is_valid(std::string_view token, const common::InstanceId& instance,
                              common::SysTime now) const {
  const auto parts = common::split(token, '-');
  if (parts.size() != 3 || parts[0] != "v1") return false;
  if (!common::equal_constant_time(parts[2], seal(parts[1], instance))) return false;
  const auto expiry = common::parse_number<std::int64_t>(parts[1]);
  return expiry && now.time_since_epoch().count() < *expiry;
}

std::string MetadataTokens::seal(std::string_view expiry,
                                 const common::InstanceId& instance) const {
  return common::hex_encode(
      crypto::hmac_sha256(key_, "imds-token\n" + std::string(expiry) + "\n" + instance.value));
}

}  // namespace angophora::nc
