// All digests of one body in one pass: MD5 for the ETag, and what the client asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/crypto/digest.h"
#include "walrus/domain/checksum.h"

namespace angophora::walrus {

struct Digests {
  std::string md5;       // raw
  std::string sha256;    // raw; empty unless wanted
  std::string checksum;  // raw; empty unless a kind was wanted
};

// One thread at a time.
class Hasher {
 public:
  Hasher(bool sha256, std::optional<ChecksumKind> checksum);
  void add(std::string_view bytes);
  Digests finish();

 private:
  crypto::Digest md5_{crypto::DigestKind::md5};
  std::optional<crypto::Digest> sha1_, sha256_;
  bool sha256_wanted_;
  std::optional<ChecksumKind> kind_;
  std::uint64_t crc_ = 0;
};

}  // namespace angophora::walrus
