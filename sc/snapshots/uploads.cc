// The uploads of pending snapshots: two at a time, those of one volume in their order.
#include "common/log/log.h"
#include "sc/snapshots/snapshots.h"
#include "sc/store/snapshot_records.h"

namespace angophora::sc {
namespace {

using namespace std::chrono_literals;

constexpr auto kTryAgain = 2s;
constexpr auto kLook = 1s;  // at those that wait to be tried again
constexpr auto kNothingToDo = 1h;

}  // namespace

Snapshots::Job* Snapshots::next_job() {
  for (auto& [id, job] : jobs_) {
    if (job.running || job.progress->cancelled || uploading_.contains(job.snapshot.volume) ||
        job.next > runtime_.steady_now())
      continue;
    if (pending_of(job.snapshot.volume).front() == &job) return &job;
  }
  return nullptr;
}

common::awaitable<void> Snapshots::keep_uploading() {
  while (!runtime_.stopping()) {
    const auto seen = changed_.notified();
    if (auto* job = next_job()) {
      co_await run(*job);
      continue;
    }
    common::Duration pause = kLook;
    if (jobs_.empty()) pause = kNothingToDo;
    co_await changed_.wait(runtime_, pause, seen);
  }
}

// The job stays until this is through: whoever ends it waits.
common::awaitable<void> Snapshots::run(Job& job) {
  const auto id = job.snapshot.id;
  const auto volume = job.snapshot.volume;
  job.running = true;
  uploading_.insert(volume);
  const auto done = co_await work_on(job);
  uploading_.erase(volume);
  job.running = false;
  if (done) {
    jobs_.erase(id);
  } else if (!job.progress->cancelled && !runtime_.stopping()) {
    if (job.trouble != done.error().message)
      log::warn("snapshot.waits", {{"snapshot", id}, {"reason", done.error()}});
    job.trouble = done.error().message;
    job.next = runtime_.steady_now() + kTryAgain;
  }
  changed_.notify();
}

Task<> Snapshots::work_on(Job& job) {
  if (job.snapshot.state == SnapshotState::pending) {
    CO_TRY(auto failure, co_await upload_.run(job.snapshot, job.progress));
    CO_TRY_VOID(co_await note_end(job, std::move(failure)));
  }
  const auto& snapshot = job.snapshot;
  const bool whole = snapshot.state == SnapshotState::completed;
  CO_TRY(const auto turn, co_await turns_.take(snapshot.volume));
  CO_TRY_VOID(co_await parts_.backend.drop_snapshot(snapshot.volume, snapshot.id, whole));
  if (snapshot.held.empty()) co_return common::ok();
  CO_TRY_VOID(co_await parts_.store.let_go(snapshot.held, snapshot.id.value));
  auto released = snapshot;
  released.held = {};
  co_return co_await put(std::move(released));
}

// `failure` is why it will never be whole; empty when it is.
Task<> Snapshots::note_end(Job& job, std::string failure) {
  auto snapshot = job.snapshot;
  CO_TRY(const auto turn, co_await turns_.take(snapshot.volume));
  const bool whole = failure.empty();
  snapshot.state = whole ? SnapshotState::completed : SnapshotState::error;
  snapshot.ended = runtime_.now();
  snapshot.reason = std::move(failure);
  auto write = [snapshot, whole](db::Tx& tx) -> Result<> {
    if (whole) TRY_VOID(SnapshotRecords(tx).set_base(snapshot.volume, snapshot.id));
    return SnapshotRecords(tx).put(snapshot);
  };
  CO_TRY_VOID(co_await parts_.db.write(std::move(write)));
  ++(whole ? figures_.completed : figures_.failed);
  if (whole)
    log::info("snapshot.completed", {{"snapshot", snapshot.id}, {"volume", snapshot.volume}});
  else
    log::error("snapshot.failed", {{"snapshot", snapshot.id}, {"reason", snapshot.reason}});
  job.snapshot = std::move(snapshot);
  co_return common::ok();
}

}  // namespace angophora::sc
