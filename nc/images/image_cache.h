// The images of a node, as raw read-only files with a size limit: what was used longest ago leaves
// first, what is in use never does. What nobody has used for long leaves by itself, so that an
// image that was deregistered does not lie on nodes for ever.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/runtime/runtime.h"
#include "nc/images/image_source.h"
#include "nc/images/images.h"

namespace angophora::nc {

struct ImageCacheOptions {
  std::string dir;
  std::uint64_t bytes_max = 10ull << 30;
  std::uint64_t disk_margin_bytes = 1ull << 30;  // stays free on the file system
  std::size_t fetches_max = 2;                   // images that are fetched at once
  common::Duration unused_max = std::chrono::hours(24 * 7);
  common::Duration retry_pause = std::chrono::seconds(1);  // before a part is tried again
};

class ImageCache final : public Images {
 public:
  ImageCache(common::Runtime& runtime, ImageSource& source, ImageCacheOptions options);
  ~ImageCache() override;

  common::Task<> load() override;
  common::Task<ImageLease> acquire(ImageWish wish, std::function<bool()> still_wanted) override;
  std::optional<ImageLease> hold(const ImageId& id) override;
  common::Task<> remove_unused() override;

  std::uint64_t used_bytes() const;

 private:
  struct Entry {
    std::uint64_t size_bytes = 0;  // of the image
    std::uint64_t disk_bytes = 0;  // what it takes on the disk
    std::uint64_t turn = 0;        // a counter; the smallest leaves first
    common::SysTime used_at{};     // when it was last seen in use
    std::shared_ptr<const int> token = std::make_shared<const int>(0);  // shared by all holders
    bool in_use() const { return token.use_count() > 1; }
  };
  struct Fetch;

  ImageLease lease(const ImageId& id, Entry& entry);
  std::string path_of(const ImageId& id) const;
  common::awaitable<void> run_fetch(std::shared_ptr<Fetch> fetch, ImageWish wish);
  common::Task<> fetch(ImageWish wish);
  common::Task<> make_room(std::uint64_t bytes);
  common::Task<> fill(ImageWish wish, ImageKey key, std::string partial);
  common::Task<std::string> fetch_checked_part(ImageId id, ImagePart part);
  common::Task<bool> evict_one();
  common::Task<> evict(ImageId id);

  common::Runtime& runtime_;
  ImageSource& source_;
  const ImageCacheOptions options_;
  std::map<ImageId, Entry> entries_;
  std::map<ImageId, std::shared_ptr<Fetch>> fetches_;
  std::uint64_t reserved_bytes_ = 0;  // for images that are being fetched
  std::uint64_t clock_ = 0;
  std::size_t fetching_ = 0;
  common::Wake fetch_ended_;
};

}  // namespace angophora::nc
