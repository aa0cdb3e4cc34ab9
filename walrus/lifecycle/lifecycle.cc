#include "walrus/lifecycle/lifecycle.h"

#include "common/log/log.h"
#include "walrus/lifecycle/judgement.h"
#include "walrus/s3/commit.h"
#include "walrus/s3/deletion.h"
#include "walrus/store/bucket_settings.h"
#include "walrus/store/buckets.h"
#include "walrus/store/objects.h"
#include "walrus/store/uploads.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kVersionsPerPage = 500;
constexpr std::size_t kBucketsPerPage = 100;
constexpr std::chrono::seconds kFirstPassAfter = std::chrono::minutes(10);

// Where a walk over a bucket's versions is, and what it knows of the key it is in.
struct Walk {
  ListQuery next;
  std::string key;           // of the version before
  int newer_noncurrent = 0;  // of that key
  bool at_end = false;
  std::size_t changed = 0;
  FreedBlobs freed;
};

struct Job {
  std::string bucket;
  std::vector<LifecycleRule> rules;
  LifecycleClock clock;
  common::SysTime now{};
  std::string id_stem;  // of delete markers that this page makes
};

Result<bool> is_only_version(Tx& tx, const Object& object) {
  ListQuery query;
  query.prefix = object.key;
  query.count_max = 2;
  TRY(const auto page, Objects(tx).list_versions(object.bucket, query));
  std::size_t count = 0;
  for (const auto& row : page.rows) count += row.key == object.key;
  return count == 1;
}

// A new id per marker: the page's stem and the rank of what it hides.
std::string marker_id(const Job& job, std::size_t index) {
  const auto number = std::to_string(index);
  return job.id_stem + std::string(8 - std::min<std::size_t>(8, number.size()), '0') + number;
}

Result<bool> carry_out(Tx& tx, const Job& job, const Bucket& bucket, const Object& object,
                       const LifecycleWish& wish, std::size_t index, FreedBlobs& freed) {
  if (wish.act == LifecycleWish::Act::keep) {
    if (wish.storage_class.empty()) return false;
    TRY_VOID(Objects(tx).set_storage_class(object, wish.storage_class));
    return true;
  }
  Deletion deletion;
  deletion.key = object.key;
  deletion.now = job.now;
  deletion.new_id = marker_id(job, index);
  const bool for_good = wish.act == LifecycleWish::Act::remove_version;
  if (for_good) deletion.version = object.version;
  const bool removes =
      for_good || bucket.versioning == Versioning::off ||
      (bucket.versioning == Versioning::suspended && object.version == kNullVersion);
  // What is locked stays.
  if (removes && !check_unlocked(object, false, job.now)) return false;
  TRY_VOID(remove_object(tx, bucket, deletion, freed));
  return true;
}

Result<Walk> walk_page(Tx& tx, const Job& job, Walk walk) {
  auto bucket = Buckets(tx).find(job.bucket);
  walk.at_end = !bucket;
  if (walk.at_end) return walk;
  TRY(const auto page, Objects(tx).list_versions(job.bucket, walk.next));
  std::size_t index = 0;
  for (const auto& object : page.rows) {
    if (std::exchange(walk.key, object.key) != object.key) walk.newer_noncurrent = 0;
    VersionsAround around;
    around.newer_noncurrent = walk.newer_noncurrent;
    if (object.delete_marker && object.is_latest) {
      TRY(around.is_only_version, is_only_version(tx, object));
    }
    if (!object.is_latest && !object.delete_marker) ++walk.newer_noncurrent;
    const auto wish = judge_version(job.rules, job.clock, object, around, job.now);
    TRY(const bool changed, carry_out(tx, job, bucket.value(), object, wish, index++, walk.freed));
    walk.changed += changed;
  }
  walk.at_end = !page.truncated;
  walk.next.after_key = page.next_key;
  walk.next.after_sub = page.next_sub;
  return walk;
}

Result<Walk> abort_uploads(Tx& tx, const Job& job, Walk walk) {
  Uploads uploads(tx);
  TRY(const auto page, uploads.list(job.bucket, walk.next));
  for (const auto& upload : page.rows) {
    if (!is_upload_overdue(job.rules, job.clock, upload, job.now)) continue;
    TRY_VOID(uploads.remove(upload, walk.freed));
    ++walk.changed;
  }
  walk.at_end = !page.truncated;
  walk.next.after_key = page.next_key;
  walk.next.after_sub = page.next_sub;
  return walk;
}

using Step = Result<Walk> (*)(Tx&, const Job&, Walk);

Task<std::size_t> walk_all(Services& services, Job job, Step step) {
  Walk walk;
  walk.next.count_max = kVersionsPerPage;
  while (!walk.at_end && !services.runtime.stopping()) {
    job.id_stem = services.runtime.random_hex(24);
    auto write = [job, walk, step](Tx& tx) { return step(tx, job, walk); };
    CO_TRY(walk, co_await services.db.write(std::move(write)));
    discard_blobs(services, std::exchange(walk.freed, {}));
  }
  co_return walk.changed;
}

Task<std::size_t> apply_to_bucket(Services& services, std::string bucket) {
  auto find = [bucket](Tx& tx) { return BucketSettings(tx).find(bucket, "lifecycle"); };
  CO_TRY(const auto text, co_await services.db.read(std::move(find)));
  if (!text) co_return std::size_t{0};
  CO_TRY(const auto root, from_inner_xml(*text, kLifecycleShape));
  Job job;
  job.bucket = std::move(bucket);
  job.rules = lifecycle_rules(root);
  job.clock.day = services.settings.lifecycle_day;
  job.now = services.runtime.now();
  CO_TRY(const auto versions, co_await walk_all(services, job, walk_page));
  CO_TRY(const auto uploads, co_await walk_all(services, job, abort_uploads));
  co_return versions + uploads;
}

}  // namespace

Task<std::size_t> apply_lifecycle(Services& services) {
  std::size_t changed = 0;
  std::string after;
  for (;;) {
    auto list = [after](Tx& tx) {
      return BucketSettings(tx).buckets_with("lifecycle", after, kBucketsPerPage);
    };
    CO_TRY(const auto buckets, co_await services.db.read(std::move(list)));
    for (const auto& bucket : buckets) {
      const auto done = co_await apply_to_bucket(services, bucket);
      if (done)
        changed += done.value();
      else
        log::warn("lifecycle.failed", {{"bucket", bucket}, {"reason", done.error()}});
    }
    if (buckets.size() < kBucketsPerPage) co_return changed;
    after = buckets.back();
  }
}

common::awaitable<void> follow_lifecycle_rules(Services& services) {
  // The first pass soon after a start, so that a daemon that is started every day does its work.
  const auto between = services.settings.lifecycle_day / 2;
  auto pause = std::min<std::chrono::seconds>(between, kFirstPassAfter);
  while (!services.runtime.stopping()) {
    co_await services.runtime.sleep_for(pause);
    pause = between;
    if (services.runtime.stopping()) co_return;
    const auto changed = co_await apply_lifecycle(services);
    if (!changed)
      log::warn("lifecycle.failed", {{"reason", changed.error()}});
    else if (changed.value() > 0)
      log::info("lifecycle.applied", {{"changed", changed.value()}});
  }
}

}  // namespace angophora::walrus
