// What the scrubber knows: how far it has come, and which blobs are damaged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/db/database.h"
#include "walrus/domain/blob.h"

namespace angophora::walrus {

using common::Result;
using db::Tx;

class Scrubs {
 public:
  explicit Scrubs(Tx& tx) : tx_(tx) {}

  // Packs come first, each from its beginning to its end, then the blobs with places of their own.
  struct Progress {
    bool under_way = false;  // else the last round is over
    common::SysTime begun{};
    BlobPlace after;         // in packs
    std::string after_blob;  // of the others; empty until all packs are done
    std::uint64_t blobs = 0, bytes = 0;
  };
  Result<Progress> progress();
  Result<> save(const Progress& progress);

  struct Row {
    std::string id;
    BlobPlace place;
    std::uint64_t size_bytes = 0;
    std::int64_t crc32c = kUnknownCrc;
  };
  // What comes next; empty at the end.
  Result<std::vector<Row>> next(const Progress& progress, std::size_t count);
  // The checksum of a blob that an earlier release kept without one.
  Result<> learn(const std::string& blob, std::uint32_t crc32c);

  // True when it was not known yet.
  Result<bool> add_damage(const std::string& blob, common::SysTime now, const std::string& reason);
  Result<> remove_damage(const std::string& blob);
  // Forgets those that nothing refers to any more; how many are left.
  Result<std::uint64_t> count_damage();
  // Some of the versions that need the blob, as "bucket/key (version)".
  Result<std::vector<std::string>> victims(const std::string& blob);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
