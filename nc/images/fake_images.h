// Images without bytes, for tests and simulations.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "common/runtime/runtime.h"
#include "nc/images/images.h"

namespace angophora::nc {

class FakeImages final : public Images {
 public:
  explicit FakeImages(common::Runtime& runtime) : runtime_(runtime) {}

  common::Task<> load() override { co_return common::ok(); }
  common::Task<ImageLease> acquire(ImageWish wish, std::function<bool()> still_wanted) override {
    wishes.push_back(wish);
    const common::Duration interval = std::chrono::milliseconds(100);
    for (auto waited = interval; waited <= delay || stuck; waited += interval) {
      co_await runtime_.sleep_for(interval);
      if (runtime_.stopping() || !still_wanted())
        co_return common::Error(common::Errc::cancelled, "not wanted any more");
    }
    if (failure) co_return *failure;
    cached.insert(wish.image.id);
    co_return ImageLease{"/cache/" + wish.image.id.value, wish.image.size_bytes, nullptr};
  }
  std::optional<ImageLease> hold(const ImageId& id) override {
    if (!cached.contains(id)) return std::nullopt;
    return ImageLease{"/cache/" + id.value, 0, nullptr};
  }

  common::Task<> remove_unused() override { co_return common::ok(); }

  std::set<ImageId> cached;
  std::vector<ImageWish> wishes;
  common::Duration delay{};
  bool stuck = false;
  std::optional<common::Error> failure;

 private:
  common::Runtime& runtime_;
};

}  // namespace angophora::nc
