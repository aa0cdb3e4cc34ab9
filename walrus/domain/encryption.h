// How an object's bytes are encrypted: with a data key of their own, which is kept sealed under a
// key of the customer's or of the store. Values, no keys in the clear.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::walrus {

struct Encryption {
  enum class Kind {
    customer,  // SSE-C: sealed under a key that comes with each request and is not kept
    store,     // SSE-S3: under the store's master key
    kms        // SSE-KMS: under a key of the store that has a name
  };
  Kind kind = Kind::store;
  std::string kms_key;       // the name
  std::string customer_md5;  // base64, of the customer's key
  std::string sealed_key;    // raw bytes
  bool operator==(const Encryption&) const = default;
};

// As kept in the database; "" for bytes that are not encrypted.
std::string store_encryption(const std::optional<Encryption>& encryption);
common::Result<std::optional<Encryption>> load_encryption(std::string_view text);

}  // namespace angophora::walrus
