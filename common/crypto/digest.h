// Digests and keyed digests. Results are raw bytes; common::hex_encode and base64_encode make text.
//
// Threads: the functions may be called from any thread; one Digest belongs to one thread at a time.
// Large data belongs on the pool (Runtime::run_blocking).
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace angophora::crypto {

enum class DigestKind { md5, sha1, sha256 };

// A digest of bytes that come in pieces.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  Digest(const Digest& other);  // copies the state: one prefix, several endings
  Digest& operator=(const Digest& other);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();

  Digest& update(std::string_view bytes);
  // The digest of all bytes so far; the object starts afresh afterwards.
  std::string finish();
  std::string finish_hex();

 private:
  DigestKind kind_;
  evp_md_ctx_st* context_;
};

std::string digest(DigestKind kind, std::string_view bytes);
std::string md5(std::string_view bytes);
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

std::string hmac_sha1(std::string_view key, std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace angophora::crypto
