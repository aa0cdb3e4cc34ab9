// Bundles made in memory, as euca2ools makes them; for tests.
#pragma once

#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "common/base/encoding.h"
#include "common/crypto/aes.h"
#include "common/crypto/digest.h"

namespace angophora::nc::testing_bundle {

// A tar stream with one file.
inline std::string tar_of(const std::string& content, char type = '0') {
  std::string header(512, '\0');
  std::strcpy(header.data(), "image.img");
  std::snprintf(&header[100], 8, "%07o", 0644);
  std::snprintf(&header[124], 12, "%011llo", static_cast<unsigned long long>(content.size()));
  std::snprintf(&header[136], 12, "%011o", 0);
  header[156] = type;
  std::memcpy(&header[257],
              "ustar\0"
              "00",
              8);
  std::memset(&header[148], ' ', 8);
  unsigned sum = 0;
  for (const unsigned char c : header) sum += c;
  std::snprintf(&header[148], 8, "%06o", sum);
  std::string padding((512 - content.size() % 512) % 512, '\0');
  return header + content + padding + std::string(1024, '\0');
}

inline std::string gzip_of(const std::string& plain) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

inline const std::string kKey(16, 'k');
inline const std::string kIv(16, 'i');

inline std::string encrypted(const std::string& packed) {
  auto aes = crypto::AesCbc::encryptor(kKey, kIv).assume_value();
  std::string out;
  (void)aes.update(packed, out).has_value();
  (void)aes.finish(out).has_value();
  return out;
}

struct Bundle {
  std::string bytes;
  std::string sha1_hex;  // of the tar stream
};

inline Bundle bundle_tar(const std::string& tar) {
  return {encrypted(gzip_of(tar)), common::hex_encode(crypto::sha1(tar))};
}
inline Bundle bundle_of(const std::string& image) { return bundle_tar(tar_of(image)); }

// Bytes that do not pack away to nothing.
inline std::string noise(std::size_t count) {
  std::string bytes(count, '\0');
  std::uint32_t x = 2463534242u;
  for (auto& c : bytes) {
    x ^= x << 13, x ^= x >> 17, x ^= x << 5;
    c = static_cast<char>(x);
  }
  return bytes;
}

}  // namespace angophora::nc::testing_bundle
