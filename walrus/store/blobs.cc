#include "walrus/store/blobs.h"

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {

Result<> Blobs::refer(const std::vector<Segment>& content, bool fresh) {
  for (const auto& segment : content) {
    if (fresh) {
      TRY(auto q, tx_.prepare("INSERT INTO blobs (id, size_bytes, refs) VALUES (?1, ?2, 1)"));
      q.bind(1, segment.blob).bind(2, segment.length);
      TRY_VOID(q.run());
      continue;
    }
    TRY(auto q, tx_.prepare("UPDATE blobs SET refs = refs + 1 WHERE id=?1"));
    q.bind(1, segment.blob);
    TRY(const auto changed, q.run());
    if (changed != 1)
      return Error(S3Errc::operation_aborted,
                   "A conflicting operation replaced the source of this one. Please try again.");
  }
  return common::ok();
}

Result<> Blobs::release(const std::vector<Segment>& content, FreedBlobs& freed) {
  for (const auto& segment : content) {
    TRY(auto q, tx_.prepare("UPDATE blobs SET refs = refs - 1 WHERE id=?1 RETURNING refs"));
    q.bind(1, segment.blob);
    TRY(const bool found, q.step());
    if (!found || q.integer(0) > 0) continue;
    q.reset();
    TRY(auto removal, tx_.prepare("DELETE FROM blobs WHERE id=?1"));
    removal.bind(1, segment.blob);
    TRY_VOID(removal.run());
    freed.push_back(segment.blob);
  }
  return common::ok();
}

Result<std::vector<std::string>> Blobs::unknown(const std::vector<std::string>& ids) {
  std::vector<std::string> result;
  for (const auto& id : ids) {
    TRY(auto q, tx_.prepare("SELECT 1 FROM blobs WHERE id=?1"));
    q.bind(1, id);
    TRY(const bool known, q.step());
    if (!known) result.push_back(id);
  }
  return result;
}

Result<std::uint64_t> Blobs::used_bytes() {
  TRY(auto q, tx_.prepare("SELECT COALESCE(SUM(size_bytes), 0) FROM blobs"));
  TRY_VOID(q.step());
  return static_cast<std::uint64_t>(q.integer(0));
}

}  // namespace angophora::walrus
