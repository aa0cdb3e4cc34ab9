#include "common/crypto/key_ring.h"

#include "common/base/encoding.h"
#include "common/crypto/aes.h"

namespace angophora::crypto {
namespace {

constexpr std::string_view kHead = "sealed:";
constexpr std::size_t kIdBytes = 8;

}  // namespace

std::optional<std::string_view> KeyRing::key_of(std::string_view text) {
  if (!text.starts_with(kHead) || text.size() <= kHead.size() + kIdBytes ||
      text[kHead.size() + kIdBytes] != ':')
    return std::nullopt;
  return text.substr(kHead.size(), kIdBytes);
}

common::Result<std::string> KeyRing::seal(std::string_view plain, std::string_view context,
                                          std::string_view nonce) const {
  const std::lock_guard lock(mutex_);
  TRY(const auto sealed, crypto::seal(keys_.front().key, nonce, plain, context));
  return std::string(kHead) + keys_.front().id + ":" + common::base64_encode(sealed);
}

common::Result<std::string> KeyRing::open(std::string_view sealed, std::string_view context) const {
  const auto id = key_of(sealed);
  if (!id) return common::Error(common::Errc::corrupt, "what should be sealed is not");
  const auto bytes = common::base64_decode(sealed.substr(kHead.size() + kIdBytes + 1));
  const std::lock_guard lock(mutex_);
  for (const auto& key : keys_)
    if (bytes && key.id == *id) return crypto::open(key.key, *bytes, context);
  return common::Error(common::Errc::corrupt,
                       "the key " + std::string(*id) + " that sealed this is not there");
}

bool KeyRing::is_current(std::string_view text) const {
  const auto id = key_of(text);
  const std::lock_guard lock(mutex_);
  return id && *id == keys_.front().id;
}

std::vector<RingKey> KeyRing::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

void KeyRing::replace(std::vector<RingKey> keys) {
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
}

KeyRing::Rotation::Rotation(std::shared_ptr<KeyRing> ring)
    : ring_(std::move(ring)), first_(!ring_->rotating_.exchange(true)) {}

KeyRing::Rotation::~Rotation() {
  if (first_) ring_->rotating_ = false;
}

}  // namespace angophora::crypto
