#include "walrus/s3/commit.h"

#include "common/log/log.h"
#include "walrus/s3/destination.h"
#include "walrus/store/objects.h"
#include "walrus/store/packs.h"

namespace angophora::walrus {
namespace {

common::awaitable<void> remove_files(Services& services, FreedBlobs blobs) {
  auto work = [&store = services.blobs, blobs]() -> Result<> {
    for (const auto& id : blobs) TRY_VOID(store.remove(id));
    return common::ok();
  };
  const auto removed = co_await services.runtime.run_blocking(std::move(work));
  if (!removed)
    log::warn("blobs.not_removed", {{"count", blobs.size()}, {"reason", removed.error()}});
}

// What failed stays in its pack for a while, and is no riddle to who collects it.
common::awaitable<void> count_dead(Services& services, std::vector<Segment> packed) {
  auto count = [packed](Tx& tx) -> Result<> {
    for (const auto& segment : packed)
      TRY_VOID(Packs(tx).add_dead(segment.fresh->place.pack, packed_bytes(segment.length)));
    return common::ok();
  };
  const auto counted = co_await services.db.write(std::move(count));
  if (!counted) log::warn("blobs.not_counted", {{"reason", counted.error()}});
}

}  // namespace

void discard_blobs(Services& services, FreedBlobs blobs) {
  services.leases.defer(blobs);
  if (blobs.empty()) return;
  services.runtime.spawn("discard blobs", remove_files(services, std::move(blobs)));
}

void discard_after_failure(Services& services, const std::vector<Segment>& fresh,
                           const Error& error) {
  // An error of S3's own comes from inside of the transaction, which then changed nothing.
  if (error.code.category() != make_error_code(S3Errc::none).category()) return;
  discard_new(services, fresh);
}

void note_written(Services& services, const std::vector<Segment>& fresh) {
  for (const auto& segment : fresh) services.verifier->add(segment.blob);
}

void discard_new(Services& services, const std::vector<Segment>& fresh) {
  FreedBlobs blobs;
  std::vector<Segment> packed;
  for (const auto& segment : fresh) {
    if (segment.fresh && !segment.fresh->place.pack.empty())
      packed.push_back(segment);
    else
      blobs.push_back(segment.blob);
  }
  discard_blobs(services, std::move(blobs));
  if (!packed.empty())
    services.runtime.spawn("discard blobs", count_dead(services, std::move(packed)));
}

Task<std::string> commit_object(Services& services, Access access, Object object, bool fresh,
                                WriteConditions conditions) {
  struct Written {
    std::string version;
    FreedBlobs freed;
  };
  const auto content = object.content;
  auto new_id = services.runtime.random_hex(32);
  auto write = [access, object, fresh, conditions, new_id](Tx& tx) -> Result<Written> {
    TRY(const auto bucket, find_bucket(tx, access, Permission::write));
    TRY(const auto there, Objects(tx).find_if_there(object.bucket, object.key));
    TRY_VOID(conditions.judge(there));
    TRY_VOID(Blobs(tx).refer(object.content, fresh));
    Written written;
    auto version = object;
    version.version = version_in(bucket, new_id);
    TRY_VOID(Objects(tx).put(version, written.freed));
    written.version = std::move(version.version);
    return written;
  };
  auto written = co_await services.db.write(std::move(write));
  if (!written) {
    if (fresh) discard_after_failure(services, content, written.error());
    co_return std::move(written).assume_error();
  }
  if (fresh) note_written(services, content);
  discard_blobs(services, std::move(written.assume_value().freed));
  co_return std::move(written.assume_value().version);
}

}  // namespace angophora::walrus
