#include "walrus/store/blobs.h"

#include "walrus/domain/s3_errors.h"
#include "walrus/store/packs.h"

namespace angophora::walrus {

Result<> Blobs::insert(const Segment& segment) {
  static const NewBlob kUnknown;
  const auto& blob = segment.fresh ? *segment.fresh : kUnknown;
  if (blob.settle) TRY_VOID(blob.settle());
  TRY(auto q, tx_.prepare("INSERT INTO blobs (id, size_bytes, refs, file, file_offset, crc32c) "
                          "VALUES (?1, ?2, 1, ?3, ?4, ?5)"));
  q.bind(1, segment.blob).bind(2, segment.length).bind(3, blob.place.pack);
  q.bind(4, blob.place.offset).bind(5, blob.crc32c);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Blobs::refer(const std::vector<Segment>& content, bool fresh) {
  for (const auto& segment : content) {
    if (fresh) {
      TRY_VOID(insert(segment));
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
    TRY(auto q, tx_.prepare("UPDATE blobs SET refs = refs - 1 WHERE id=?1 "
                            "RETURNING refs, file, size_bytes"));
    q.bind(1, segment.blob);
    TRY(const bool found, q.step());
    if (!found || q.integer(0) > 0) continue;
    const auto pack = q.text(1);
    const auto size_bytes = static_cast<std::uint64_t>(q.integer(2));
    q.reset();
    TRY(auto removal, tx_.prepare("DELETE FROM blobs WHERE id=?1"));
    removal.bind(1, segment.blob);
    TRY_VOID(removal.run());
    if (pack.empty())
      freed.push_back(segment.blob);
    else
      TRY_VOID(Packs(tx_).add_dead(pack, packed_bytes(size_bytes)));
  }
  return common::ok();
}

Result<Blobs::Found> Blobs::find(const std::string& id) {
  TRY(auto q, tx_.prepare("SELECT file, file_offset, size_bytes, crc32c FROM blobs WHERE id=?1"));
  q.bind(1, id);
  TRY(const bool found, q.step());
  if (!found) return Error(common::Errc::not_found, "nothing refers to blob " + id);
  return Found{{q.text(0), static_cast<std::uint64_t>(q.integer(1))},
               static_cast<std::uint64_t>(q.integer(2)),
               q.integer(3)};
}

Result<bool> Blobs::is_known(const std::string& id) {
  TRY(auto q, tx_.prepare(is_pack_name(id) ? "SELECT 1 FROM blobs WHERE file=?1 AND file <> '' "
                                             "LIMIT 1"
                                           : "SELECT 1 FROM blobs WHERE id=?1"));
  q.bind(1, id);
  return q.step();
}

Result<std::vector<std::string>> Blobs::unknown(const std::vector<std::string>& ids) {
  std::vector<std::string> result;
  for (const auto& id : ids) {
    TRY(const bool known, is_known(id));
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
