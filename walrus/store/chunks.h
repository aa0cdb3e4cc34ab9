// Chunks of snapshots: which blob holds the bytes of a name, and how many maps refer to it. One
// that nothing refers to stays for a while, since an upload may be about to.
#pragma once

#include <optional>
#include <vector>

#include "common/base/time.h"
#include "common/chunks/chunk_map.h"
#include "common/db/database.h"
#include "walrus/domain/object.h"
#include "walrus/store/blobs.h"

namespace angophora::walrus {

using chunks::ChunkName;

// Within one transaction.
class Chunks {
 public:
  explicit Chunks(Tx& tx) : tx_(tx) {}

  struct Row {
    Segment content;
    std::int64_t refs = 0;
    common::SysTime touched{};
  };
  Result<std::optional<Row>> find(const ChunkName& name);
  // False when the chunk is there already; it counts as touched then, and `content` is not needed.
  Result<bool> insert(const ChunkName& name, const Segment& content, common::SysTime now);
  Result<> touch(const ChunkName& name, common::SysTime now);

  // One reference more; false when the chunk is not there.
  Result<bool> refer(const ChunkName& name);
  Result<> release(const ChunkName& name, common::SysTime now);
  // Up to `count` that nothing refers to and nobody has touched since `before` go; their blobs too.
  Result<std::size_t> sweep(common::SysTime before, std::size_t count, FreedBlobs& freed);

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
