#include "nc/images/image_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/log/log.h"
#include "nc/images/bundle_reader.h"

namespace angophora::nc {

using common::awaitable;
using common::Errc;
using common::errno_error;
using common::Error;
using common::Result;
using common::Task;

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".img";
constexpr std::string_view kPartialSuffix = ".partial";
constexpr int kTriesPerPart = 4;
constexpr common::Duration kLookInterval = std::chrono::milliseconds(250);

struct Found {
  ImageId id;
  std::uint64_t size_bytes = 0;
  std::uint64_t disk_bytes = 0;
  std::int64_t used_at_s = 0;
};

std::uint64_t disk_bytes_of(const struct stat& info) {
  return static_cast<std::uint64_t>(info.st_blocks) * 512;
}

// The images in `dir`, oldest first. What a fetch left behind half made is removed.
Result<std::vector<Found>> scan(const std::string& dir) {
  std::error_code failed;
  fs::create_directories(dir, failed);
  std::vector<Found> all;
  for (const auto& file : fs::directory_iterator(dir, failed)) {
    const auto name = file.path().filename().string();
    if (name.ends_with(kPartialSuffix)) unlink(file.path().c_str());
    struct stat info {};
    if (!name.ends_with(kSuffix) || stat(file.path().c_str(), &info) != 0) continue;
    all.push_back({ImageId(name.substr(0, name.size() - kSuffix.size())),
                   static_cast<std::uint64_t>(info.st_size), disk_bytes_of(info), info.st_mtime});
  }
  if (failed) return Error(Errc::io, "reading " + dir + ": " + failed.message());
  std::sort(all.begin(), all.end(),
            [](const Found& a, const Found& b) { return a.used_at_s < b.used_at_s; });
  return all;
}

// Gives the finished file its name; it is never written again.
Result<Found> keep(const ImageId& id, const std::string& partial, const std::string& path) {
  if (chmod(partial.c_str(), 0444) < 0) return errno_error(errno, "protecting " + partial);
  if (rename(partial.c_str(), path.c_str()) < 0) return errno_error(errno, "naming " + path);
  struct stat info {};
  if (stat(path.c_str(), &info) < 0) return errno_error(errno, "looking at " + path);
  const int dir = open(fs::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir >= 0) {
    fsync(dir);
    close(dir);
  }
  return Found{id, static_cast<std::uint64_t>(info.st_size), disk_bytes_of(info), 0};
}

Result<std::uint64_t> free_bytes(const std::string& dir) {
  struct statvfs info {};
  if (statvfs(dir.c_str(), &info) < 0) return errno_error(errno, "looking at " + dir);
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

bool may_help_to_retry(const Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::timed_out ||
         error.code == Errc::io || error.code == Errc::corrupt;
}

}  // namespace

struct ImageCache::Fetch {
  std::optional<Result<>> result;
  common::Wake ended;
};

ImageCache::ImageCache(common::Runtime& runtime, ImageSource& source, ImageCacheOptions options)
    : runtime_(runtime), source_(source), options_(std::move(options)) {}
ImageCache::~ImageCache() = default;

std::string ImageCache::path_of(const ImageId& id) const {
  return options_.dir + "/" + id.value + std::string(kSuffix);
}

std::uint64_t ImageCache::used_bytes() const {
  std::uint64_t sum = reserved_bytes_;
  for (const auto& [id, entry] : entries_) sum += entry.disk_bytes;
  return sum;
}

Task<> ImageCache::load() {
  auto look = [dir = options_.dir] { return scan(dir); };
  CO_TRY(const auto found, co_await runtime_.run_blocking(std::move(look)));
  for (const auto& image : found) {
    auto& entry = entries_[image.id];
    entry.size_bytes = image.size_bytes;
    entry.disk_bytes = image.disk_bytes;
    entry.turn = ++clock_;
    entry.used_at = common::SysTime(std::chrono::seconds(image.used_at_s));
  }
  co_return common::ok();
}

ImageLease ImageCache::lease(const ImageId& id, Entry& entry) {
  entry.turn = ++clock_;
  entry.used_at = runtime_.now();
  auto path = path_of(id);
  // The order of use survives a restart as the file's time.
  auto touch = [path] { utimensat(AT_FDCWD, path.c_str(), nullptr, 0); };
  runtime_.post_blocking(touch, [] {});
  return {std::move(path), entry.size_bytes, entry.token};
}

std::optional<ImageLease> ImageCache::hold(const ImageId& id) {
  const auto it = entries_.find(id);
  if (it == entries_.end()) return std::nullopt;
  return lease(id, it->second);
}

Task<ImageLease> ImageCache::acquire(ImageWish wish, std::function<bool()> still_wanted) {
  const auto id = wish.image.id;
  if (id.empty() || id.value.find('/') != std::string::npos)
    co_return Error(Errc::invalid_argument, "\"" + id.value + "\" is not the name of an image");
  for (;;) {
    if (auto there = hold(id)) co_return std::move(*there);
    auto& shared = fetches_[id];
    const bool mine = !shared;
    if (mine) {
      shared = std::make_shared<Fetch>();
      runtime_.spawn("image fetch", run_fetch(shared, wish));
    }
    const auto fetch = shared;
    while (!fetch->result) {
      co_await fetch->ended.wait(runtime_, kLookInterval);
      if (runtime_.stopping() || !still_wanted())
        co_return Error(Errc::cancelled, "nobody wants image " + id.value + " any more");
    }
    // Another's failure may be about that other one: then it is our turn to try.
    if (mine && fetch->result->has_error()) co_return fetch->result->error();
  }
}

awaitable<void> ImageCache::run_fetch(std::shared_ptr<Fetch> fetch_state, ImageWish wish) {
  while (fetching_ >= options_.fetches_max) {
    co_await fetch_ended_.wait(runtime_, std::chrono::seconds(5));
    if (runtime_.stopping()) co_return;
  }
  ++fetching_;
  const auto began = runtime_.steady_now();
  auto result = co_await fetch(wish);
  --fetching_;
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(runtime_.steady_now() - began);
  if (result) {
    log::info("image.fetched", {{"image", wish.image.id}, {"took_ms", took.count()}});
  } else {
    log::warn("image.fetch_failed", {{"image", wish.image.id}, {"reason", result.error()}});
  }
  fetch_state->result.emplace(std::move(result));
  fetches_.erase(wish.image.id);
  fetch_state->ended.notify();
  fetch_ended_.notify();
}

Task<> ImageCache::fetch(ImageWish wish) {
  const auto id = wish.image.id;
  auto asked = co_await source_.get_key(wish);
  if (!asked) co_return std::move(asked).assume_error().while_doing("asking for image " + id.value);
  auto key = std::move(asked).assume_value();
  CO_TRY_VOID(co_await make_room(key.size_bytes));
  const auto bytes = key.size_bytes;
  const auto partial = path_of(id) + std::string(kPartialSuffix);
  reserved_bytes_ += bytes;
  auto filled = co_await fill(wish, std::move(key), partial);
  reserved_bytes_ -= bytes;
  auto finish = [id, partial, path = path_of(id), good = filled.has_value()]() -> Result<Found> {
    if (good) return keep(id, partial, path);
    unlink(partial.c_str());
    return Found{};
  };
  CO_TRY(const auto kept, co_await runtime_.run_blocking(std::move(finish)));
  if (!filled) co_return std::move(filled).assume_error().while_doing("fetching image " + id.value);
  auto& entry = entries_[id];
  entry.size_bytes = kept.size_bytes;
  entry.disk_bytes = kept.disk_bytes;
  entry.turn = ++clock_;
  entry.used_at = runtime_.now();
  co_return common::ok();
}

// Evicts until `bytes` more fit into the cache and onto the disk.
Task<> ImageCache::make_room(std::uint64_t bytes) {
  for (;;) {
    auto look = [dir = options_.dir] { return free_bytes(dir); };
    CO_TRY(const auto free, co_await runtime_.run_blocking(std::move(look)));
    const bool cache_full = used_bytes() + bytes > options_.bytes_max;
    const bool disk_full = free < bytes + reserved_bytes_ + options_.disk_margin_bytes;
    if (!cache_full && !disk_full) co_return common::ok();
    CO_TRY(const auto evicted, co_await evict_one());
    if (evicted) continue;
    constexpr auto kMib = 1ull << 20;
    if (cache_full)
      co_return Error(
          Errc::limit_exceeded,
          fmt::format("the image cache has no room: {} MiB are wanted, {} of {} MiB are "
                      "in use",
                      bytes / kMib, used_bytes() / kMib, options_.bytes_max / kMib));
    co_return Error(
        Errc::limit_exceeded,
        fmt::format("the disk of {} is full: {} MiB are wanted and {} must stay free, "
                    "{} MiB are free",
                    options_.dir, bytes / kMib, options_.disk_margin_bytes / kMib, free / kMib));
  }
}

// False when everything is in use.
Task<bool> ImageCache::evict_one() {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->second.in_use()) continue;
    if (oldest == entries_.end() || it->second.turn < oldest->second.turn) oldest = it;
  }
  if (oldest == entries_.end()) co_return false;
  auto id = oldest->first;
  CO_TRY_VOID(co_await evict(std::move(id)));
  co_return true;
}

Task<> ImageCache::remove_unused() {
  const auto now = runtime_.now();
  std::vector<ImageId> unused;
  for (auto& [id, entry] : entries_) {
    if (entry.in_use()) entry.used_at = now;
    if (now - entry.used_at > options_.unused_max) unused.push_back(id);
  }
  for (const auto& id : unused) {
    const auto it = entries_.find(id);
    if (it == entries_.end() || it->second.in_use()) continue;
    CO_TRY_VOID(co_await evict(id));
  }
  co_return common::ok();
}

Task<> ImageCache::evict(ImageId id) {
  entries_.erase(id);
  log::info("image.evicted", {{"image", id}});
  auto remove = [path = path_of(id)]() -> Result<> {
    if (unlink(path.c_str()) < 0 && errno != ENOENT) return errno_error(errno, "removing " + path);
    return common::ok();
  };
  co_return co_await runtime_.run_blocking(std::move(remove));
}

Task<> ImageCache::fill(ImageWish wish, ImageKey key, std::string partial) {
  BundleFacts facts{key.key, key.iv, key.sha1_hex, key.size_bytes};
  auto begin = [facts, partial] { return BundleReader::create(facts, partial); };
  CO_TRY(auto made, co_await runtime_.run_blocking(std::move(begin)));
  const std::shared_ptr<BundleReader> reader = std::move(made);
  for (const auto& part : key.parts) {
    if (runtime_.stopping()) co_return Error(Errc::cancelled, "the node controller is stopping");
    auto bytes = co_await fetch_checked_part(wish.image.id, part);
    if (!bytes) co_return std::move(bytes).assume_error();
    auto open = [reader, text = std::move(bytes).assume_value()] { return reader->push(text); };
    CO_TRY_VOID(co_await runtime_.run_blocking(std::move(open)));
  }
  auto finish = [reader] { return reader->finish(); };
  co_return co_await runtime_.run_blocking(std::move(finish));
}

Task<std::string> ImageCache::fetch_checked_part(ImageId id, ImagePart part) {
  for (int attempt = 1;; ++attempt) {
    auto bytes = co_await source_.fetch_part(id, part);
    if (bytes) {
      auto text = std::make_shared<std::string>(std::move(bytes).assume_value());
      auto check = [text]() -> Result<std::string> {
        return crypto::Digest(crypto::DigestKind::sha1).update(*text).finish_hex();
      };
      CO_TRY(const auto sha1, co_await runtime_.run_blocking(std::move(check)));
      if (common::equal_ignore_case(sha1, part.sha1_hex)) co_return std::move(*text);
      bytes =
          Error(Errc::corrupt, "its digest is " + sha1 + ", its manifest says " + part.sha1_hex);
    }
    auto error = std::move(bytes).assume_error();
    if (attempt == kTriesPerPart || !may_help_to_retry(error) || runtime_.stopping())
      co_return std::move(error).while_doing("part " + std::to_string(part.index));
    const common::Duration pause = options_.retry_pause * attempt;
    co_await runtime_.sleep_for(pause);
  }
}

}  // namespace angophora::nc
