// What the cloud controller asks of Walrus. I/O thread only.
#pragma once

#include <string>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/domain/image_manifest.h"

namespace angophora::clc {

using common::Task;

struct AdmittedBundle {
  std::string manifest;
  std::vector<FoundPart> parts;  // in the manifest's order
};

class WalrusClient {
 public:
  virtual ~WalrusClient() = default;

  // Walrus checks that `account` may read the manifest and its parts, and serves the parts to
  // nodes as this image from then on. Errc::not_found, Errc::permission_denied,
  // Errc::invalid_argument for what is wrong with the bundle; Errc::unavailable or Errc::timed_out
  // when Walrus does not answer.
  virtual Task<AdmittedBundle> admit_image(ServiceName walrus, ImageId image, AccountId account,
                                           std::string bucket, std::string manifest_key,
                                           std::string request_id) = 0;
  // Repeating it changes nothing.
  virtual Task<> forget_image(ServiceName walrus, ImageId image) = 0;
};

}  // namespace angophora::clc
