// Images that the cloud controller admitted: which objects nodes may fetch as their parts, and the
// etag that each had then.
#pragma once

#include <string>
#include <vector>

#include "common/base/id.h"
#include "common/base/time.h"
#include "common/db/database.h"

namespace angophora::walrus {

using common::Result;
using db::Tx;

struct ImagePart {
  int number = 0;
  std::string key;
  std::string etag;
  std::uint64_t size_bytes = 0;
};

struct AdmittedImage {
  common::ImageId id;
  common::AccountId account;
  std::string bucket;
  common::SysTime admitted{};
  std::vector<ImagePart> parts;
};

class Images {
 public:
  explicit Images(Tx& tx) : tx_(tx) {}

  // Puts the image in place of what was known under its id.
  Result<> put(const AdmittedImage& image);
  Result<> remove(const common::ImageId& id);  // one that is not there counts as removed
  // The bucket and the part. Errc::not_found when the image or the part is not there.
  Result<std::pair<std::string, ImagePart>> part(const common::ImageId& id, int number);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
