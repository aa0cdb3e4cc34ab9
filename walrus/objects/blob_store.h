// Where the bytes of objects live: a file per blob. A blob never changes once it is kept; which
// blobs matter is written in the database alone, so a file that it does not name is rubbish.
//
//   DIR/drafts/ID      being written; thrown away at the next start
//   DIR/blobs/xx/ID    kept, xx are the id's first two letters
//   DIR/retired/ID     rubbish as it seems; deleted after some days, should the database be the
//   wrong one
//
// Threads: any; all calls block on the disk, so they belong on the pool. One Draft is used by one
//          thread at a time.
// Errors:  S3Errc::insufficient_storage when the disk is full or would leave less than the reserve;
//          Errc::not_found for a blob that is not there; Errc::io.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::walrus {

using common::Error;
using common::Result;

class BlobStore;

// A blob being written. Its file goes when it is destroyed without having been kept.
class Draft {
 public:
  Draft(Draft&& other) noexcept;
  Draft& operator=(Draft&&) = delete;
  ~Draft();

  Result<> write(std::string_view bytes);
  // On disk under its final name when this returns success: data, name and folder.
  Result<> keep();

  const std::string& id() const { return id_; }
  std::uint64_t size_bytes() const { return size_bytes_; }

 private:
  friend class BlobStore;
  Draft(BlobStore& store, std::string id, int fd) : store_(store), id_(std::move(id)), fd_(fd) {}
  BlobStore& store_;
  std::string id_;
  int fd_;
  std::uint64_t size_bytes_ = 0;
};

class BlobStore {
 public:
  struct Options {
    std::string dir;
    std::uint64_t reserve_bytes = 64 << 20;  // kept free, so that the database can go on
  };

  // Makes the folders that are missing and throws old drafts away. `start` names this start of
  // the daemon; blobs made by it are never rubbish for rubbish().
  static Result<std::unique_ptr<BlobStore>> open(Options options, std::string start);
  ~BlobStore();

  // `name` is 24 random hex digits; `size_bytes` (when known) is allocated ahead.
  Result<Draft> draft(std::string name, std::optional<std::uint64_t> size_bytes);
  Result<std::shared_ptr<const int>> open_blob(const std::string& id) const;
  // One that is not there counts as removed.
  Result<> remove(const std::string& id);

  // Takes a blob out of use, and back into it.
  Result<> retire(const std::string& id);
  Result<> restore(const std::string& id);
  struct Retired {
    std::string id;
    std::chrono::system_clock::time_point since;
  };
  Result<std::vector<Retired>> retired() const;
  Result<> delete_retired(const std::string& id);

  // The blobs of folder `shard` (0 to 255) that earlier starts have left. Whoever is not in the
  // database may be retired.
  static constexpr int kShards = 256;
  Result<std::vector<std::string>> blobs_of_earlier_starts(int shard) const;

  Result<std::uint64_t> free_bytes() const;

 private:
  friend class Draft;
  BlobStore(Options options, std::string start)
      : options_(std::move(options)), start_(std::move(start)) {}
  Result<> make_folders();
  std::string draft_path(const std::string& id) const;
  std::string blob_path(const std::string& id) const;
  std::string retired_path(const std::string& id) const;
  Result<> sync_shard_of(const std::string& id);

  Options options_;
  std::string start_;
  std::vector<int> shard_fds_;
};

}  // namespace angophora::walrus
