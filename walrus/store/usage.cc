#include "walrus/store/usage.h"

namespace angophora::walrus {

Result<> Usage::change(const Object& object, std::int64_t sign) {
  if (object.delete_marker) return common::ok();
  TRY(auto q, tx_.prepare("INSERT INTO bucket_usage (bucket, objects, bytes) VALUES (?1, ?2, ?3) "
                          "ON CONFLICT (bucket) DO UPDATE SET "
                          "objects=bucket_usage.objects+excluded.objects, "
                          "bytes=bucket_usage.bytes+excluded.bytes"));
  q.bind(1, object.bucket).bind(2, sign);
  q.bind(3, sign * static_cast<std::int64_t>(object.size_bytes));
  TRY_VOID(q.run());
  return common::ok();
}

Result<> Usage::add(const Object& object) { return change(object, 1); }

Result<> Usage::take_away(const Object& object) { return change(object, -1); }

Result<> Usage::forget(const std::string& bucket) {
  TRY(auto q, tx_.prepare("DELETE FROM bucket_usage WHERE bucket=?1"));
  q.bind(1, bucket);
  TRY_VOID(q.run());
  return common::ok();
}

Result<UsageFigures> Usage::of_bucket(const std::string& bucket) {
  TRY(auto q, tx_.prepare("SELECT objects, bytes FROM bucket_usage WHERE bucket=?1"));
  q.bind(1, bucket);
  TRY(const bool found, q.step());
  UsageFigures figures;
  figures.buckets = 1;
  if (found) {
    figures.objects = q.integer(0);
    figures.bytes = q.integer(1);
  }
  return figures;
}

Result<UsageFigures> Usage::of_all() {
  UsageFigures figures;
  TRY(auto buckets, tx_.prepare("SELECT COUNT(*) FROM buckets"));
  TRY_VOID(buckets.step());
  figures.buckets = buckets.integer(0);
  TRY(auto q, tx_.prepare("SELECT COALESCE(SUM(objects), 0), COALESCE(SUM(bytes), 0) "
                          "FROM bucket_usage"));
  TRY_VOID(q.step());
  figures.objects = q.integer(0);
  figures.bytes = q.integer(1);
  return figures;
}

}  // namespace angophora::walrus
