// Which blobs the database refers to, and how often. A blob whose last reference goes is handed to
// the caller, who removes its file once the transaction is on disk; a crash in between leaves a
// file that nobody refers to, swept at the next start.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/db/database.h"
#include "walrus/domain/blob.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

using db::Tx;

// Blobs without references left, to be removed after the commit. Those of packs are not among them:
// their bytes count as dead, and the pack is collected some day.
using FreedBlobs = std::vector<std::string>;

class Blobs {
 public:
  explicit Blobs(Tx& tx) : tx_(tx) {}

  // One reference per segment: to a blob that is new to the table when `fresh`, which is made
  // durable here at the latest, else to one that must still be there (S3Errc::operation_aborted
  // when it has gone meanwhile).
  Result<> refer(const std::vector<Segment>& content, bool fresh);
  Result<> release(const std::vector<Segment>& content, FreedBlobs& freed);
  // Where a blob lies and what it must read as. Errc::not_found.
  struct Found {
    BlobPlace place;
    std::uint64_t size_bytes = 0;
    std::int64_t crc32c = kUnknownCrc;
  };
  Result<Found> find(const std::string& id);
  // Those of `ids`, of blobs and names of packs, that nothing refers to.
  Result<std::vector<std::string>> unknown(const std::vector<std::string>& ids);
  Result<std::uint64_t> used_bytes();

 private:
  Result<> insert(const Segment& segment);
  Result<bool> is_known(const std::string& id);
  Tx& tx_;
};

}  // namespace angophora::walrus
