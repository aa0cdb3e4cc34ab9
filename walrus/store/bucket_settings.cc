#include "walrus/store/bucket_settings.h"

#include "walrus/domain/s3_errors.h"
#include "walrus/store/columns.h"

namespace angophora::walrus {

Result<std::optional<std::string>> BucketSettings::find(const std::string& bucket,
                                                        std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT document FROM bucket_settings WHERE bucket=?1 AND name=?2"));
  q.bind(1, bucket).bind(2, name);
  TRY(const bool found, q.step());
  if (!found) return std::optional<std::string>();
  return std::optional<std::string>(q.text(0));
}

Result<std::optional<common::SysTime>> BucketSettings::changed(const std::string& bucket,
                                                               std::string_view name) {
  TRY(auto q, tx_.prepare("SELECT changed_ms FROM bucket_settings WHERE bucket=?1 AND name=?2"));
  q.bind(1, bucket).bind(2, name);
  TRY(const bool found, q.step());
  if (!found) return std::optional<common::SysTime>();
  return std::optional(time_of(q.integer(0)));
}

Result<> BucketSettings::put(const std::string& bucket, std::string_view name,
                             const std::string& document, common::SysTime now) {
  TRY(auto q, tx_.prepare("INSERT INTO bucket_settings (bucket, name, document, changed_ms) "
                          "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (bucket, name) DO UPDATE SET "
                          "document=excluded.document, changed_ms=excluded.changed_ms"));
  q.bind(1, bucket).bind(2, name).bind(3, document).bind(4, milliseconds_of(now));
  auto added = q.run();
  if (!added && added.error().code == db::DbErrc::foreign_key)
    return Error(S3Errc::no_such_bucket, "The specified bucket does not exist");
  if (!added) return std::move(added).assume_error();
  return common::ok();
}

Result<std::vector<std::pair<std::string, std::string>>> BucketSettings::all_about_access(
    const std::string& bucket) {
  TRY(auto q, tx_.prepare("SELECT name, document FROM bucket_settings WHERE bucket=?1 "
                          "AND name IN ('policy', 'publicAccessBlock', 'requestPayment')"));
  q.bind(1, bucket);
  std::vector<std::pair<std::string, std::string>> all;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return all;
    all.emplace_back(q.text(0), q.text(1));
  }
}

Result<> BucketSettings::remove(const std::string& bucket, std::string_view name) {
  TRY(auto q, tx_.prepare("DELETE FROM bucket_settings WHERE bucket=?1 AND name=?2"));
  q.bind(1, bucket).bind(2, name);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> BucketSettings::remove_all_of(const std::string& bucket) {
  TRY(auto q, tx_.prepare("DELETE FROM bucket_settings WHERE bucket=?1"));
  q.bind(1, bucket);
  TRY_VOID(q.run());
  return common::ok();
}

Result<std::vector<std::string>> BucketSettings::buckets_with(std::string_view name,
                                                              const std::string& after,
                                                              std::size_t count_max) {
  TRY(auto q, tx_.prepare("SELECT bucket FROM bucket_settings WHERE name=?1 AND bucket > ?2 "
                          "ORDER BY bucket LIMIT ?3"));
  q.bind(1, name).bind(2, after).bind(3, count_max);
  std::vector<std::string> names;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return names;
    names.push_back(q.text(0));
  }
}

}  // namespace angophora::walrus
