#include "common/registry/document.h"

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/soap/codec.h"

namespace angophora::registry {
namespace {

// Kept apart from all else that the cloud controller signs with this key.
std::string to_be_signed(std::string_view document) {
  return "angophora-registry-1\n" + std::string(document);
}

}  // namespace

Result<cloud__signedRegistry> sign_registry(const t__registry& registry,
                                            const crypto::PrivateKey& key) {
  cloud__signedRegistry document;
  TRY(document.registry, soap::encode_registry(registry));
  TRY(document.signature, key.sign(crypto::SignatureHash::sha256, to_be_signed(document.registry)));
  document.version = registry.version;
  return document;
}

Result<t__registry> open_registry(const cloud__signedRegistry& document,
                                  const crypto::Certificate& issuer) {
  if (!issuer.public_key().verify(crypto::SignatureHash::sha256, to_be_signed(document.registry),
                                  document.signature))
    return Error(Errc::corrupt, "the registry is not signed by " + issuer.common_name());
  TRY(auto registry, soap::decode_registry(document.registry));
  if (registry.version != document.version)
    return Error(Errc::corrupt, "the registry is of another version than its envelope says");
  return registry;
}

std::string serialise(const cloud__signedRegistry& document) {
  return std::to_string(document.version) + "\n" + common::base64_encode(document.signature) +
         "\n" + document.registry;
}

Result<cloud__signedRegistry> deserialise(std::string_view text) {
  cloud__signedRegistry document;
  const auto first = text.find('\n');
  const auto second = first == text.npos ? text.npos : text.find('\n', first + 1);
  if (second == text.npos) return Error(Errc::corrupt, "the kept registry is cut short");
  const auto version = common::parse_number<std::int64_t>(text.substr(0, first));
  const auto signature = common::base64_decode(text.substr(first + 1, second - first - 1));
  if (!version || !signature) return Error(Errc::corrupt, "the kept registry is broken");
  document.version = *version;
  document.signature = *signature;
  document.registry = text.substr(second + 1);
  return document;
}

}  // namespace angophora::registry
