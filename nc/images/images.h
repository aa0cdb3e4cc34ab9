// Images as the instances see them: a raw file that stays while somebody holds it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "nc/domain/instance_spec.h"

namespace angophora::nc {

// An image that may be used: not evicted and never changed while `hold` lives.
struct ImageLease {
  std::string path;
  std::uint64_t size_bytes = 0;
  std::shared_ptr<const void> hold;
};

// Which image, and on whose behalf: the cloud controller hands out the key for a placement.
struct ImageWish {
  InstanceId instance;
  std::int64_t placement_no = 0;
  ImageRef image;
};

// I/O thread only.
class Images {
 public:
  virtual ~Images() = default;
  // Once at start: finds what is there.
  virtual common::Task<> load() = 0;
  // The image, fetched when it is not there. Several who ask for the same one share the fetch.
  // Errc::cancelled soon after `still_wanted` says no; Errc::limit_exceeded when there is no room;
  // Errc::corrupt when the bytes are not what the manifest says.
  virtual common::Task<ImageLease> acquire(ImageWish wish, std::function<bool()> still_wanted) = 0;
  // The image when it is there.
  virtual std::optional<ImageLease> hold(const ImageId& id) = 0;
  // Removes what nobody has used for long.
  virtual common::Task<> remove_unused() = 0;
};

}  // namespace angophora::nc
