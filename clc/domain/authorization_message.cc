#include "clc/domain/authorization_message.h"

#include "common/base/base64url.h"
#include "common/crypto/aes.h"
#include "common/crypto/digest.h"

namespace angophora::clc {
namespace {

constexpr char kContext[] = "authorization message 1";
constexpr std::size_t kAccountDigits = 12;
constexpr std::size_t kSealedMax = 64 * 1024;

std::string key_of(std::string_view secret) {
  return crypto::hmac_sha256(secret, "authorization messages 1");
}

}  // namespace

std::string_view to_string(MessageErrc) { return "the message cannot be decoded"; }

common::Result<std::string> seal_message(std::string_view secret, const AccountId& account,
                                         std::string_view message, std::string_view nonce) {
  TRY(const auto sealed,
      crypto::seal(key_of(secret), nonce, account.value + std::string(message), kContext));
  return common::base64url_encode(sealed);
}

std::optional<OpenedMessage> open_message(std::string_view secret, std::string_view sealed) {
  if (sealed.size() > kSealedMax) return std::nullopt;
  const auto bytes = common::base64url_decode(sealed);
  if (!bytes) return std::nullopt;
  const auto plain = crypto::open(key_of(secret), *bytes, kContext);
  if (!plain || plain.assume_value().size() < kAccountDigits) return std::nullopt;
  const auto& message = plain.assume_value();
  return OpenedMessage{AccountId(message.substr(0, kAccountDigits)),
                       message.substr(kAccountDigits)};
}

}  // namespace angophora::clc
