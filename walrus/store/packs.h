// Packs as the database sees them: which blobs lie in them, and how much of them is dead.
#pragma once

#include <string>
#include <vector>

#include "common/db/database.h"
#include "walrus/domain/blob.h"

namespace angophora::walrus {

using common::Result;
using db::Tx;

class Packs {
 public:
  explicit Packs(Tx& tx) : tx_(tx) {}

  // `bytes` of blobs in it, records included, that had a row and have none any more.
  Result<> add_dead(const std::string& pack, std::uint64_t bytes);
  struct Usage {
    std::uint64_t live_bytes = 0, dead_bytes = 0;  // records included
  };
  Result<Usage> usage(const std::string& pack);
  // Dead bytes of those that have any.
  Result<std::vector<std::pair<std::string, std::uint64_t>>> with_dead();
  // Its file has gone.
  Result<> forget(const std::string& pack);

  struct Blob {
    std::string id;
    std::uint64_t offset = 0, size_bytes = 0;
    std::int64_t crc32c = kUnknownCrc;
  };
  // Blobs that lie in it from `offset` on.
  Result<std::vector<Blob>> blobs(const std::string& pack, std::uint64_t offset, std::size_t count);
  // The blob lies in `to` from now on; false when it no longer lies in `from`.
  Result<bool> move(const std::string& id, const std::string& from, const BlobPlace& to);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
