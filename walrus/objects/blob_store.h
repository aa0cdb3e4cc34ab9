// Where the bytes of objects live, as an interface: drivers are LocalBlobStore (a disk) and
// MemoryBlobStore (tests); blob_store_suite_test.cc says what each must do.
//
// A blob never changes once it is kept. Which blobs matter is written in the database alone, so
// what it does not name is rubbish. Small blobs may share a pack, in which they lie one behind the
// other; then the database says where (Blobs, walrus/store). Removing such a blob is taking its row
// away; packs of which little is left are collected (walrus/pack_collector.h).
//
// Threads: any; all calls block on the disk, so they belong on the pool. One Draft is used by one
//          thread at a time.
// Errors:  S3Errc::insufficient_storage when the disk is full or would leave less than the reserve;
//          Errc::not_found for a blob that is not there; Errc::corrupt for bytes that are not what
//          was kept; Errc::io.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/http/http.h"
#include "walrus/domain/blob.h"

namespace angophora::walrus {

using common::Error;
using common::Result;

// A blob being written. Nothing is left of it when it is destroyed without having been kept.
class Draft {
 public:
  virtual ~Draft() = default;
  virtual Result<> write(std::string_view bytes) = 0;
  // Once, after the last write.
  virtual Result<NewBlob> keep() = 0;

  const std::string& id() const { return id_; }
  std::uint64_t size_bytes() const { return size_bytes_; }

 protected:
  explicit Draft(std::string id) : id_(std::move(id)) {}
  std::string id_;
  std::uint64_t size_bytes_ = 0;
};

// A blob opened for reading; it stays readable when it is removed meanwhile.
class OpenBlob {
 public:
  virtual ~OpenBlob() = default;
  // Fills `into` from `offset` on. Errc::corrupt when the blob is shorter.
  virtual Result<> read(std::uint64_t offset, std::span<char> into) const = 0;
  // What is read next of this stretch shall come from the disk and not from memory, if the driver
  // can do that.
  virtual void drop_cached(std::uint64_t offset, std::uint64_t length) const = 0;
  // The same as a piece of a file, where there is a file to send from.
  virtual std::optional<http::FileRange> file(std::uint64_t offset, std::uint64_t length) const = 0;
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  // `name` is 24 random hex digits. A blob whose size is known beforehand may go into a pack.
  virtual Result<std::unique_ptr<Draft>> draft(std::string name,
                                               std::optional<std::uint64_t> size_bytes) = 0;
  virtual Result<std::shared_ptr<const OpenBlob>> open(const std::string& id,
                                                       const BlobPlace& place) const = 0;
  // Of blobs with a place of their own; one that is not there counts as removed.
  virtual Result<> remove(const std::string& id) = 0;

  // Takes a blob or a pack out of use, and back into it.
  virtual Result<> retire(const std::string& id) = 0;
  virtual Result<> restore(const std::string& id) = 0;
  struct Retired {
    std::string id;  // of a blob or the name of a pack
    std::chrono::system_clock::time_point since;
  };
  virtual Result<std::vector<Retired>> retired() const = 0;
  virtual Result<> delete_retired(const std::string& id) = 0;

  // The blobs of folder `shard` (0 to 255) that earlier starts have left. Whoever is not in the
  // database may be retired.
  static constexpr int kShards = 256;
  virtual Result<std::vector<std::string>> blobs_of_earlier_starts(int shard) const = 0;

  // Packs that get no more blobs, and into which no NewBlob points any more.
  struct Pack {
    std::string name;
    std::uint64_t size_bytes = 0;
    bool of_earlier_start = false;
  };
  virtual Result<std::vector<Pack>> full_packs() const = 0;
  // What was ever put into it, as far as it can be read.
  struct Packed {
    std::string id;
    std::uint64_t offset = 0, size_bytes = 0;
    std::int64_t crc32c = kUnknownCrc;
  };
  virtual Result<std::vector<Packed>> list_pack(const std::string& name) const = 0;
  // Puts the same blob into the present pack.
  virtual Result<NewBlob> pack_anew(const std::string& id, std::string_view bytes) = 0;
  virtual Result<> remove_pack(const std::string& name) = 0;

  virtual Result<std::uint64_t> free_bytes() const = 0;
};

// All bytes of a blob, which are those that `crc32c` is of. Errc::corrupt when they are not.
Result<std::string> read_whole(const OpenBlob& blob, const std::string& id,
                               std::uint64_t size_bytes, std::int64_t crc32c);

}  // namespace angophora::walrus
