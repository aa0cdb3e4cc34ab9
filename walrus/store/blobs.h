// Which blobs the database refers to, and how often. A blob whose last reference goes is handed to
// the caller, who removes its file once the transaction is on disk; a crash in between leaves a
// file that nobody refers to, swept at the next start.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "common/db/database.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

using db::Tx;

// Blobs without references left, to be removed after the commit.
using FreedBlobs = std::vector<std::string>;

class Blobs {
 public:
  explicit Blobs(Tx& tx) : tx_(tx) {}

  // One reference per segment: to a blob that is new to the table when `fresh`, else to one that
  // must still be there (S3Errc::operation_aborted when it has gone meanwhile).
  Result<> refer(const std::vector<Segment>& content, bool fresh);
  Result<> release(const std::vector<Segment>& content, FreedBlobs& freed);
  // Those of `ids` that nothing refers to.
  Result<std::vector<std::string>> unknown(const std::vector<std::string>& ids);
  Result<std::uint64_t> used_bytes();

 private:
  Tx& tx_;
};

}  // namespace angophora::walrus
