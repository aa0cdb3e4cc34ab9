#include "walrus/store/objects.h"

#include "walrus/domain/s3_errors.h"
#include "walrus/store/columns.h"

namespace angophora::walrus {
namespace {

constexpr std::string_view kSelect =
    "SELECT bucket, key, etag, size_bytes, changed_ms, acl, headers, content, parts, checksum, "
    "upload FROM objects ";

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
  return object;
}

}  // namespace

Result<std::optional<Object>> Objects::find_if_there(const std::string& bucket,
                                                     const std::string& key) {
  TRY(auto q, tx_.prepare(std::string(kSelect) + "WHERE bucket=?1 AND key=?2"));
  q.bind(1, bucket).bind_blob(2, key);
  TRY(const bool found, q.step());
  if (!found) return std::optional<Object>();
  TRY(auto object, object_of(q));
  return std::optional<Object>(std::move(object));
}

Result<Object> Objects::find(const std::string& bucket, const std::string& key) {
  TRY(auto object, find_if_there(bucket, key));
  if (!object) return Error(S3Errc::no_such_key, "The specified key does not exist.");
  return std::move(*object);
}

Result<> Objects::put(const Object& object, FreedBlobs& freed) {
  TRY_VOID(remove(object.bucket, object.key, freed));
  TRY(auto q,
      tx_.prepare("INSERT INTO objects (bucket, key, etag, size_bytes, changed_ms, acl, headers, "
                  "content, parts, checksum, upload) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"));
  q.bind(1, object.bucket).bind_blob(2, object.key).bind(3, object.etag);
  q.bind(4, object.size_bytes).bind(5, milliseconds_of(object.changed));
  q.bind(6, store_acl(object.acl)).bind(7, store_headers(object.headers));
  q.bind(8, store_segments(object.content)).bind(9, store_parts(object.parts));
  q.bind(10, store_checksum(object.checksum)).bind(11, object.upload);
  auto added = q.run();
  if (!added && added.error().code == db::DbErrc::foreign_key)
    return Error(S3Errc::no_such_bucket, "The specified bucket does not exist");
  if (!added) return std::move(added).assume_error();
  return common::ok();
}

Result<> Objects::set_acl(const Object& object, const Acl& acl) {
  TRY(auto q, tx_.prepare("UPDATE objects SET acl=?3 WHERE bucket=?1 AND key=?2"));
  q.bind(1, object.bucket).bind_blob(2, object.key).bind(3, store_acl(acl));
  TRY_VOID(q.run());
  return common::ok();
}

Result<bool> Objects::remove(const std::string& bucket, const std::string& key, FreedBlobs& freed) {
  std::string content;
  {
    TRY(auto q, tx_.prepare("DELETE FROM objects WHERE bucket=?1 AND key=?2 RETURNING content"));
    q.bind(1, bucket).bind_blob(2, key);
    TRY(const bool found, q.step());
    if (!found) return false;
    content = q.text(0);
    TRY_VOID(q.step());
  }
  TRY(const auto segments, load_segments(content));
  TRY_VOID(Blobs(tx_).release(segments, freed));
  return true;
}

Result<ListPage<Object>> Objects::list(const std::string& bucket, const ListQuery& query) {
  const auto fetch = [&](const ListPosition& from,
                         std::size_t limit) -> Result<std::vector<Object>> {
    TRY(auto q, tx_.prepare(std::string(kSelect) + "WHERE bucket=?1 AND key " +
                            (from.inclusive ? ">=" : ">") + " ?2 ORDER BY key LIMIT ?3"));
    q.bind(1, bucket).bind_blob(2, from.key).bind(3, limit);
    std::vector<Object> rows;
    for (;;) {
      TRY(const bool more, q.step());
      if (!more) return rows;
      TRY(auto object, object_of(q));
      rows.push_back(std::move(object));
    }
  };
  return list_page<Object>(query, fetch);
}

}  // namespace angophora::walrus
