#include "walrus/domain/encryption.h"

#include "common/base/encoding.h"
#include "common/base/text.h"

namespace angophora::walrus {
namespace {

constexpr std::string_view kKinds[] = {"customer", "store", "kms"};

}  // namespace

std::string store_encryption(const std::optional<Encryption>& encryption) {
  if (!encryption) return {};
  return std::string(kKinds[static_cast<std::size_t>(encryption->kind)]) + " " +
         common::percent_encode(encryption->kms_key) + " " + encryption->customer_md5 + " " +
         common::hex_encode(encryption->sealed_key);
}

common::Result<std::optional<Encryption>> load_encryption(std::string_view text) {
  if (text.empty()) return std::optional<Encryption>();
  const common::Error corrupt(common::Errc::corrupt, "a stored encryption does not read");
  const auto words = common::split(text, ' ');
  if (words.size() != 4) return corrupt;
  auto kms_key = common::percent_decode(words[1]);
  auto sealed = common::hex_decode(words[3]);
  if (!kms_key || !sealed) return corrupt;
  for (std::size_t i = 0; i < std::size(kKinds); ++i)
    if (kKinds[i] == words[0])
      return std::optional(Encryption{static_cast<Encryption::Kind>(i), std::move(*kms_key),
                                      std::string(words[2]), std::move(*sealed)});
  return corrupt;
}

}  // namespace angophora::walrus
