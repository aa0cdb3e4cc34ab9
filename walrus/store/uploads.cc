#include "walrus/store/uploads.h"

#include <limits>

#include "walrus/domain/s3_errors.h"
#include "walrus/domain/tags.h"
#include "walrus/store/columns.h"

namespace angophora::walrus {
namespace {

constexpr std::string_view kSelectUpload =
    "SELECT bucket, key, id, begun_ms, initiator, acl, headers, checksum_kind, composite, "
    "storage_class, tags, retention, legal_hold, encryption FROM uploads ";

Result<Upload> upload_of(const db::Query& q) {
  Upload upload;
  upload.bucket = q.text(0);
  upload.key = q.text(1);
  upload.id = q.text(2);
  upload.begun = time_of(q.integer(3));
  upload.initiator = q.text(4);
  TRY(upload.acl, load_acl(q.text(5)));
  upload.headers = load_headers(q.text(6));
  upload.checksum_kind = parse_checksum_kind(q.text(7));
  upload.checksum_composite = q.integer(8) != 0;
  upload.storage_class = q.text(9);
  TRY(upload.tags, load_tags(q.text(10)));
  TRY(upload.retention, load_retention(q.text(11)));
  upload.legal_hold = q.integer(12) != 0;
  upload.encryption = q.text(13);
  return upload;
}

Result<Part> part_of(const db::Query& q) {
  Part part;
  part.number = static_cast<int>(q.integer(0));
  part.etag = q.text(1);
  part.size_bytes = static_cast<std::uint64_t>(q.integer(2));
  part.changed = time_of(q.integer(3));
  TRY(part.content, load_segments(q.text(4)));
  TRY(part.checksum, load_checksum(q.text(5)));
  return part;
}

}  // namespace

Result<> Uploads::insert(const Upload& upload) {
  TRY(auto q,
      tx_.prepare(
          "INSERT INTO uploads (bucket, key, id, begun_ms, initiator, acl, headers, "
          "checksum_kind, composite, storage_class, tags, retention, legal_hold, encryption) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"));
  q.bind(1, upload.bucket).bind_blob(2, upload.key).bind(3, upload.id);
  q.bind(4, milliseconds_of(upload.begun)).bind(5, upload.initiator);
  q.bind(6, store_acl(upload.acl)).bind(7, store_headers(upload.headers));
  q.bind(8, upload.checksum_kind ? to_string(*upload.checksum_kind) : std::string_view());
  q.bind(9, upload.checksum_composite ? 1 : 0).bind(10, upload.storage_class);
  q.bind(11, store_tags(upload.tags)).bind(12, store_retention(upload.retention));
  q.bind(13, upload.legal_hold ? 1 : 0).bind(14, upload.encryption);
  auto added = q.run();
  if (!added && added.error().code == db::DbErrc::foreign_key)
    return Error(S3Errc::no_such_bucket, "The specified bucket does not exist");
  if (!added) return std::move(added).assume_error();
  return common::ok();
}

Result<Upload> Uploads::find(const std::string& bucket, const std::string& key,
                             const std::string& id) {
  TRY(auto q, tx_.prepare(std::string(kSelectUpload) + "WHERE bucket=?1 AND key=?2 AND id=?3"));
  q.bind(1, bucket).bind_blob(2, key).bind(3, id);
  TRY(const bool found, q.step());
  if (!found)
    return Error(S3Errc::no_such_upload,
                 "The specified upload does not exist. The upload ID may be invalid, or the upload "
                 "may have been aborted or completed.");
  return upload_of(q);
}

Result<ListPage<Upload>> Uploads::list(const std::string& bucket, const ListQuery& query) {
  const auto fetch = [&](const ListPosition& from,
                         std::size_t limit) -> Result<std::vector<Upload>> {
    // A key alone as the marker leaves out all uploads of that key.
    const char* same_key = from.inclusive ? "id >= ?3" : "id > ?3 AND length(?3) > 0";
    TRY(auto q,
        tx_.prepare(std::string(kSelectUpload) + "WHERE bucket=?1 AND (key > ?2 OR (key=?2 AND " +
                    same_key + ")) ORDER BY key, id LIMIT ?4"));
    q.bind(1, bucket).bind_blob(2, from.key).bind(3, from.sub).bind(4, limit);
    std::vector<Upload> rows;
    for (;;) {
      TRY(const bool more, q.step());
      if (!more) return rows;
      TRY(auto upload, upload_of(q));
      rows.push_back(std::move(upload));
    }
  };
  return list_page<Upload>(query, fetch);
}

Result<> Uploads::put_part(const Upload& upload, const Part& part, FreedBlobs& freed) {
  std::string replaced;
  {
    TRY(auto q, tx_.prepare("DELETE FROM parts WHERE upload=?1 AND number=?2 RETURNING content"));
    q.bind(1, upload.id).bind(2, part.number);
    TRY(const bool found, q.step());
    if (found) {
      replaced = q.text(0);
      TRY_VOID(q.step());
    }
  }
  TRY(const auto old, load_segments(replaced));
  TRY_VOID(Blobs(tx_).release(old, freed));
  TRY(auto q,
      tx_.prepare("INSERT INTO parts (upload, number, etag, size_bytes, changed_ms, content, "
                  "checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  q.bind(1, upload.id).bind(2, part.number).bind(3, part.etag).bind(4, part.size_bytes);
  q.bind(5, milliseconds_of(part.changed)).bind(6, store_segments(part.content));
  q.bind(7, store_checksum(part.checksum));
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::vector<Part>> Uploads::parts(const Upload& upload, int after, std::size_t count_max) {
  TRY(auto q,
      tx_.prepare("SELECT number, etag, size_bytes, changed_ms, content, checksum FROM parts "
                  "WHERE upload=?1 AND number > ?2 ORDER BY number LIMIT ?3"));
  q.bind(1, upload.id).bind(2, after).bind(3, count_max);
  std::vector<Part> rows;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return rows;
    TRY(auto part, part_of(q));
    rows.push_back(std::move(part));
  }
}

Result<> Uploads::remove(const Upload& upload, FreedBlobs& freed) {
  TRY(const auto all, parts(upload, -1, std::numeric_limits<std::int32_t>::max()));
  for (const auto& part : all) TRY_VOID(Blobs(tx_).release(part.content, freed));
  TRY(auto q, tx_.prepare("DELETE FROM parts WHERE upload=?1"));
  q.bind(1, upload.id);
  TRY_VOID(q.run());
  TRY(auto removal, tx_.prepare("DELETE FROM uploads WHERE bucket=?1 AND key=?2 AND id=?3"));
  removal.bind(1, upload.bucket).bind_blob(2, upload.key).bind(3, upload.id);
  TRY_VOID(removal.run());
  return common::ok();
}

Result<> Uploads::remove_all_of(const std::string& bucket, FreedBlobs& freed) {
  for (;;) {
    TRY(const auto page, list(bucket, {}));
    for (const auto& upload : page.rows) TRY_VOID(remove(upload, freed));
    if (!page.truncated) return common::ok();
  }
}

}  // namespace angophora::walrus
