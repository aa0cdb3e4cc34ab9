#include "clc/domain/image_key_opener.h"

#include "clc/domain/instance_errors.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kFailuresMax = 30;
constexpr std::chrono::minutes kWindow{1};
constexpr std::size_t kAskersMax = 10'000;

}  // namespace

bool ImageKeyOpener::is_exhausted(const std::string& asker) {
  const auto found = failures_.find(asker);
  if (found == failures_.end()) return false;
  auto& times = found->second;
  while (!times.empty() && runtime_.steady_now() - times.front() > kWindow) times.pop_front();
  if (times.size() >= kFailuresMax) return true;
  if (times.empty()) failures_.erase(found);
  return false;
}

common::Task<ImageKey> ImageKeyOpener::open(SealedImageKey sealed, std::string asker) {
  if (is_exhausted(asker) || failures_.size() >= kAskersMax)
    co_return common::Error(ImageErrc::too_many_failures,
                            "Too many image keys did not open; try again in a minute");
  auto work = [sealed = std::move(sealed), key = key_] { return open_image_key(sealed, key); };
  auto opened = co_await runtime_.run_blocking(std::move(work));
  if (!opened) failures_[asker].push_back(runtime_.steady_now());
  co_return opened;
}

}  // namespace angophora::clc
