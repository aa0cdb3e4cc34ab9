// Opens a bundled image while its parts arrive: AES-128-CBC, gzip, tar, file. Blocks: pool only,
// one thread at a time.
//
// Errors: Errc::corrupt when the bytes are not what they must be (also with a wrong key),
// Errc::limit_exceeded when they want to become more than announced, Errc::io for the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::nc {

// What an image must turn out to be.
struct BundleFacts {
  std::string key;               // 16 raw bytes
  std::string iv;                // 16 raw bytes
  std::string sha1_hex;          // of the tar stream
  std::uint64_t size_bytes = 0;  // of the image itself
};

class BundleReader {
 public:
  // Writes the image to `path`.
  static common::Result<std::unique_ptr<BundleReader>> create(BundleFacts facts, std::string path);
  ~BundleReader();

  // The next encrypted bytes.
  common::Result<> push(std::string_view encrypted);
  // Checks digest and size and brings the file to the disk. Until this succeeds nobody may use it.
  common::Result<> finish();

 private:
  struct Parts;
  explicit BundleReader(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace angophora::nc
