// Opens image keys with the cloud's image key: off the I/O thread, and not too often for any one
// asker when it fails, so that nobody can use the cloud to try ciphers out.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "clc/domain/image_manifest.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

// I/O thread only.
class ImageKeyOpener {
 public:
  ImageKeyOpener(common::Runtime& runtime, const crypto::PrivateKey& key)
      : runtime_(runtime), key_(key) {}

  // ImageErrc::invalid_manifest when it does not open; ImageErrc::too_many_failures when `asker`
  // had too many of those within a minute.
  common::Task<ImageKey> open(SealedImageKey sealed, std::string asker);

 private:
  bool is_exhausted(const std::string& asker);

  common::Runtime& runtime_;
  const crypto::PrivateKey& key_;
  std::map<std::string, std::deque<common::SteadyTime>> failures_;
};

}  // namespace angophora::clc
