// The store's own keys, under which data keys of objects are sealed (SSE-S3, SSE-KMS).
//
//   STATE_DIR/master-key    32 random bytes, 0600. Whoever loses it loses what was encrypted so.
//
// Threads: any, once opened.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace angophora::walrus {

class Keyring {
 public:
  // `fresh` becomes the master key when there is none yet. `names`: of the keys of SSE-KMS.
  // Errc::corrupt for a file of another size, Errc::io.
  static common::Result<std::unique_ptr<Keyring>> open(const std::string& path,
                                                       const std::string& fresh,
                                                       std::vector<std::string> names);

  const std::string& master() const { return master_; }
  // The key of that name. S3Errc::kms_not_found.
  common::Result<std::string> named(const std::string& name) const;

 private:
  Keyring(std::string master, std::vector<std::string> names)
      : master_(std::move(master)), names_(std::move(names)) {}
  std::string master_;
  std::vector<std::string> names_;
};

// What encrypts the bytes of a blob: CTR under the data key, with an IV made of the blob's id.
std::string blob_iv(const std::string& blob);

}  // namespace angophora::walrus
