// Where images come from: the cloud controller for the key, Walrus for the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "nc/images/images.h"

namespace angophora::nc {

struct ImagePart {
  std::uint32_t index = 0;
  std::string sha1_hex;  // of the encrypted bytes
  std::uint64_t size_bytes = 0;
};

// What opens an image. Never logged, never written down.
struct ImageKey {
  std::string key;       // 16 raw bytes
  std::string iv;        // 16 raw bytes
  std::string sha1_hex;  // of the tar stream
  std::uint64_t size_bytes = 0;
  std::vector<ImagePart> parts;  // by index, from 0
};

class ImageSource {
 public:
  virtual ~ImageSource() = default;
  // Errc::permission_denied when this node does not hold that placement.
  virtual common::Task<ImageKey> get_key(ImageWish wish) = 0;
  // The encrypted bytes, not checked. Never more than `part.size_bytes`.
  virtual common::Task<std::string> fetch_part(ImageId id, ImagePart part) = 0;
};

}  // namespace angophora::nc
