#include "walrus/store/objects.h"

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"
#include "walrus/domain/tags.h"
#include "walrus/store/columns.h"
#include "walrus/store/usage.h"

namespace angophora::walrus {
namespace {

constexpr std::string_view kSelectVersion =
    "SELECT bucket, key, etag, size_bytes, changed_ms, acl, headers, content, parts, checksum, "
    "upload, version, rank, current, marker, superseded_ms, storage_class, tags, retention, "
    "legal_hold, encryption FROM versions ";

// Rows of earlier releases have the class among the headers.
void take_storage_class(Object& object) {
  std::erase_if(object.headers, [&](const auto& header) {
    if (header.first != "x-amz-storage-class") return false;
    object.storage_class = header.second;
    return true;
  });
}

Result<Object> object_of(const db::Query& q) {
  Object object;
  object.bucket = q.text(0);
  object.key = q.text(1);
  object.etag = q.text(2);
  object.size_bytes = static_cast<std::uint64_t>(q.integer(3));
  object.changed = time_of(q.integer(4));
  TRY(object.acl, load_acl(q.text(5)));
  object.headers = load_headers(q.text(6));
  TRY(object.content, load_segments(q.text(7)));
  TRY(object.parts, load_parts(q.text(8)));
  TRY(object.checksum, load_checksum(q.text(9)));
  object.upload = q.text(10);
  object.version = q.text(11);
  object.rank = q.integer(12);
  object.is_latest = q.integer(13) != 0;
  object.delete_marker = q.integer(14) != 0;
  object.superseded = time_of(q.integer(15));
  object.storage_class = q.text(16);
  TRY(object.tags, load_tags(q.text(17)));
  TRY(object.retention, load_retention(q.text(18)));
  object.legal_hold = q.integer(19) != 0;
  object.encryption = q.text(20);
  if (object.storage_class.empty()) take_storage_class(object);
  return object;
}

Result<std::vector<Object>> all_of(db::Query& q) {
  std::vector<Object> rows;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return rows;
    TRY(auto object, object_of(q));
    rows.push_back(std::move(object));
  }
}

}  // namespace

Result<std::optional<Object>> Objects::first(db::Query& query) {
  TRY(const bool found, query.step());
  if (!found) return std::optional<Object>();
  TRY(auto object, object_of(query));
  return std::optional<Object>(std::move(object));
}

Result<std::optional<Object>> Objects::find_latest(const std::string& bucket,
                                                   const std::string& key) {
  TRY(auto q, tx_.prepare(std::string(kSelectVersion) +
                          "WHERE bucket=?1 AND key=?2 ORDER BY rank LIMIT 1"));
  q.bind(1, bucket).bind_blob(2, key);
  return first(q);
}

Result<std::optional<Object>> Objects::find_if_there(const std::string& bucket,
                                                     const std::string& key) {
  TRY(auto object, find_latest(bucket, key));
  if (object && object->delete_marker) object.reset();
  return object;
}

Result<std::optional<Object>> Objects::find_version(const std::string& bucket,
                                                    const std::string& key,
                                                    const std::string& version) {
  TRY(auto q,
      tx_.prepare(std::string(kSelectVersion) + "WHERE bucket=?1 AND key=?2 AND version=?3"));
  q.bind(1, bucket).bind_blob(2, key).bind(3, version);
  return first(q);
}

Result<Object> Objects::find(const std::string& bucket, const std::string& key) {
  TRY(auto object, find_if_there(bucket, key));
  if (!object) return Error(S3Errc::no_such_key, "The specified key does not exist.");
  return std::move(*object);
}

Result<std::int64_t> Objects::next_rank(const Object& object) {
  TRY(auto q, tx_.prepare("SELECT rank FROM versions WHERE bucket=?1 AND key=?2 ORDER BY rank "
                          "LIMIT 1"));
  q.bind(1, object.bucket).bind_blob(2, object.key);
  TRY(const bool found, q.step());
  return found ? q.integer(0) - 1 : -1;
}

Result<> Objects::put(const Object& object, FreedBlobs& freed) {
  if (object.version == kNullVersion) TRY_VOID(remove(object.bucket, object.key, freed));
  TRY(const auto rank, next_rank(object));
  if (rank < -1) {
    TRY(auto older, tx_.prepare("UPDATE versions SET current=0, superseded_ms=?3 "
                                "WHERE bucket=?1 AND key=?2 AND current<>0"));
    older.bind(1, object.bucket).bind_blob(2, object.key).bind(3, milliseconds_of(object.changed));
    TRY_VOID(older.run());
  }
  TRY(auto q,
      tx_.prepare("INSERT INTO versions (bucket, key, etag, size_bytes, changed_ms, acl, headers, "
                  "content, parts, checksum, upload, version, rank, current, marker, "
                  "superseded_ms, storage_class, tags, retention, legal_hold, encryption) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 0, "
                  "?16, ?17, ?18, ?19, ?20)"));
  q.bind(1, object.bucket).bind_blob(2, object.key).bind(3, object.etag);
  q.bind(4, object.size_bytes).bind(5, milliseconds_of(object.changed));
  q.bind(6, store_acl(object.acl)).bind(7, store_headers(object.headers));
  q.bind(8, store_segments(object.content)).bind(9, store_parts(object.parts));
  q.bind(10, store_checksum(object.checksum)).bind(11, object.upload);
  q.bind(12, object.version).bind(13, rank).bind(14, object.delete_marker ? 2 : 1);
  q.bind(15, object.delete_marker ? 1 : 0).bind(16, object.storage_class);
  q.bind(17, store_tags(object.tags)).bind(18, store_retention(object.retention));
  q.bind(19, object.legal_hold ? 1 : 0).bind(20, object.encryption);
  auto added = q.run();
  if (!added && added.error().code == db::DbErrc::foreign_key)
    return Error(S3Errc::no_such_bucket, "The specified bucket does not exist");
  if (!added) return std::move(added).assume_error();
  return Usage(tx_).add(object);
}

Result<> Objects::promote(const std::string& bucket, const std::string& key) {
  TRY(const auto latest, find_latest(bucket, key));
  if (!latest || latest->is_latest) return common::ok();
  TRY(auto q, tx_.prepare("UPDATE versions SET current=?4, superseded_ms=0 "
                          "WHERE bucket=?1 AND key=?2 AND rank=?3"));
  q.bind(1, bucket).bind_blob(2, key).bind(3, latest->rank);
  q.bind(4, latest->delete_marker ? 2 : 1);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::optional<Object>> Objects::remove_version(const std::string& bucket,
                                                      const std::string& key,
                                                      const std::string& version,
                                                      FreedBlobs& freed) {
  TRY(auto there, find_version(bucket, key, version));
  if (!there) return there;
  TRY(auto q, tx_.prepare("DELETE FROM versions WHERE bucket=?1 AND key=?2 AND rank=?3"));
  q.bind(1, bucket).bind_blob(2, key).bind(3, there->rank);
  TRY_VOID(q.run());
  TRY_VOID(Usage(tx_).take_away(*there));
  TRY_VOID(Blobs(tx_).release(there->content, freed));
  if (there->is_latest) TRY_VOID(promote(bucket, key));
  return there;
}

Result<bool> Objects::remove(const std::string& bucket, const std::string& key, FreedBlobs& freed) {
  TRY(const auto removed, remove_version(bucket, key, std::string(kNullVersion), freed));
  return removed.has_value();
}

Result<> Objects::set_acl(const Object& object, const Acl& acl) {
  TRY(auto q, tx_.prepare("UPDATE versions SET acl=?4 WHERE bucket=?1 AND key=?2 AND rank=?3"));
  q.bind(1, object.bucket).bind_blob(2, object.key).bind(3, object.rank).bind(4, store_acl(acl));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Objects::set_tags(const Object& object, const Tags& tags) {
  TRY(auto q, tx_.prepare("UPDATE versions SET tags=?4 WHERE bucket=?1 AND key=?2 AND rank=?3"));
  q.bind(1, object.bucket).bind_blob(2, object.key).bind(3, object.rank).bind(4, store_tags(tags));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Objects::set_lock(const Object& object) {
  TRY(auto q, tx_.prepare("UPDATE versions SET retention=?4, legal_hold=?5 "
                          "WHERE bucket=?1 AND key=?2 AND rank=?3"));
  q.bind(1, object.bucket).bind_blob(2, object.key).bind(3, object.rank);
  q.bind(4, store_retention(object.retention)).bind(5, object.legal_hold ? 1 : 0);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Objects::set_storage_class(const Object& object, const std::string& storage_class) {
  TRY(auto q, tx_.prepare("UPDATE versions SET storage_class=?4 "
                          "WHERE bucket=?1 AND key=?2 AND rank=?3"));
  q.bind(1, object.bucket).bind_blob(2, object.key).bind(3, object.rank).bind(4, storage_class);
  TRY_VOID(q.run());
  return common::ok();
}

Result<ListPage<Object>> Objects::list(const std::string& bucket, const ListQuery& query) {
  const auto fetch = [&](const ListPosition& from,
                         std::size_t limit) -> Result<std::vector<Object>> {
    TRY(auto q, tx_.prepare(std::string(kSelectVersion) + "WHERE bucket=?1 AND current=1 AND key " +
                            (from.inclusive ? ">=" : ">") + " ?2 ORDER BY key LIMIT ?3"));
    q.bind(1, bucket).bind_blob(2, from.key).bind(3, limit);
    return all_of(q);
  };
  return list_page<Object>(query, fetch);
}

Result<ListPage<Object>> Objects::list_versions(const std::string& bucket, const ListQuery& query) {
  const auto fetch = [&](const ListPosition& from,
                         std::size_t limit) -> Result<std::vector<Object>> {
    TRY(auto q, tx_.prepare(std::string(kSelectVersion) +
                            "WHERE bucket=?1 AND (key, rank) > (?2, ?3) ORDER BY key, rank "
                            "LIMIT ?4"));
    // A key alone as the marker leaves out all its versions, of which none has a rank of 0.
    const auto rank = common::parse_number<std::int64_t>(from.sub).value_or(0);
    q.bind(1, bucket).bind_blob(2, from.key).bind(3, from.inclusive ? INT64_MIN : rank);
    q.bind(4, limit);
    return all_of(q);
  };
  return list_page<Object>(query, fetch);
}

Result<bool> Objects::any(const std::string& bucket) {
  TRY(auto q, tx_.prepare("SELECT 1 FROM versions WHERE bucket=?1 LIMIT 1"));
  q.bind(1, bucket);
  return q.step();
}

}  // namespace angophora::walrus
