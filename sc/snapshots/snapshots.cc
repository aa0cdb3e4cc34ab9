#include "sc/snapshots/snapshots.h"

#include <algorithm>
#include <tuple>

#include "common/log/log.h"
#include "sc/store/snapshot_records.h"

namespace angophora::sc {
namespace {

using namespace std::chrono_literals;
using common::Errc;

constexpr std::size_t kPendingMax = 5;  // of one volume
constexpr auto kReported = 1h;          // after its end
constexpr auto kBaseLimit = 400ms;      // to hear whether the base is there still
constexpr auto kStopLimit = 20s;        // of an upload

}  // namespace

Snapshots::Snapshots(common::Runtime& runtime, Parts parts)
    : runtime_(runtime),
      parts_(parts),
      upload_(runtime, parts.backend, parts.store, figures_),
      filler_(runtime, parts.db, parts.backend, parts.store, figures_),
      turns_(runtime) {}

Task<std::optional<Snapshot>> Snapshots::find(SnapshotId id) {
  auto read = [id](db::Tx& tx) { return SnapshotRecords(tx).find(id); };
  co_return co_await parts_.db.read(std::move(read));
}

Task<> Snapshots::put(Snapshot snapshot) {
  auto write = [snapshot = std::move(snapshot)](db::Tx& tx) {
    return SnapshotRecords(tx).put(snapshot);
  };
  co_return co_await parts_.db.write(std::move(write));
}

Task<> Snapshots::start() {
  auto read = [](db::Tx& tx) { return SnapshotRecords(tx).all(); };
  CO_TRY(auto all, co_await parts_.db.read(std::move(read)));
  std::set<SnapshotId> pending;
  for (auto& snapshot : all) {
    if (snapshot.state == SnapshotState::pending || snapshot.state == SnapshotState::removing)
      pending.insert(snapshot.id);
    const auto recovered = co_await recover(std::move(snapshot));
    if (!recovered) log::error("snapshot.not_recovered", {{"reason", recovered.error()}});
  }
  // Ends that were on disk before their files were gone.
  CO_TRY(const auto files, co_await parts_.backend.pending_snapshots());
  for (const auto& [volume, id] : files) {
    if (pending.contains(id)) continue;
    CO_TRY(const auto known, co_await find(id));
    const bool finished = known && known->state == SnapshotState::completed;
    const auto dropped = co_await parts_.backend.drop_snapshot(volume, id, finished);
    if (!dropped)
      log::error("snapshot.not_dropped", {{"snapshot", id}, {"reason", dropped.error()}});
  }
  CO_TRY_VOID(co_await filler_.start());
  for (int i = 0; i < 2; ++i) runtime_.spawn("upload snapshots", keep_uploading());
  co_return common::ok();
}

Task<> Snapshots::recover(Snapshot snapshot) {
  const bool ended =
      snapshot.state == SnapshotState::completed || snapshot.state == SnapshotState::error;
  if (snapshot.state == SnapshotState::pending || (ended && !snapshot.held.empty())) {
    Job job;
    job.snapshot = snapshot;
    jobs_.emplace(snapshot.id, std::move(job));
  }
  // Nobody was told of it, and it may be half made.
  if (snapshot.state == SnapshotState::taking) {
    CO_TRY_VOID(co_await parts_.backend.drop_snapshot(snapshot.volume, snapshot.id, false));
  }
  co_return common::ok();
}

std::vector<const Snapshots::Job*> Snapshots::pending_of(const VolumeId& volume) const {
  std::vector<const Job*> jobs;
  for (const auto& [id, job] : jobs_)
    if (job.snapshot.volume == volume) jobs.push_back(&job);
  std::sort(jobs.begin(), jobs.end(), [](const Job* a, const Job* b) {
    return std::tie(a->snapshot.start, a->snapshot.id) <
           std::tie(b->snapshot.start, b->snapshot.id);
  });
  return jobs;
}

// The newest snapshot that the volume's dirty chunks tell from, if the object store has it still:
// held from here on. Else everything is read, and nothing is lost but time.
Task<> Snapshots::choose_base(Snapshot& snapshot) {
  const Job* newest = nullptr;
  for (const auto* job : pending_of(snapshot.volume))
    if (job->snapshot.state == SnapshotState::pending) newest = job;
  SnapshotId base;
  if (newest) {
    base = newest->snapshot.base;
  } else {
    auto read = [volume = snapshot.volume](db::Tx& tx) { return SnapshotRecords(tx).base(volume); };
    CO_TRY(base, co_await parts_.db.read(std::move(read)));
  }
  if (base.empty()) co_return common::ok();
  snapshot.held = base;
  // On disk before it is held: what is held is let go one day.
  CO_TRY_VOID(co_await put(snapshot));
  auto holding = parts_.store.hold(base, snapshot.id.value);
  auto what = "holding snapshot " + base.value;
  const common::Duration limit = kBaseLimit;
  const auto held = co_await runtime_.with_deadline(limit, std::move(holding), std::move(what));
  if (held)
    snapshot.base = base;
  else
    log::info("snapshot.without_base", {{"snapshot", snapshot.id}, {"reason", held.error()}});
  co_return common::ok();
}

Task<Snapshot> Snapshots::create(SnapshotId id, VolumeId volume) {
  CO_TRY_VOID(check_id(id));
  CO_TRY_VOID(check_id(volume));
  CO_TRY(const auto turn, co_await turns_.take(volume));
  CO_TRY(auto present, co_await find(id));
  if (present && present->volume != volume)
    co_return Error(Errc::invalid_argument,
                    "snapshot " + id.value + " is one of volume " + present->volume.value);
  if (present && present->state == SnapshotState::removing)
    co_return Error(Errc::not_found, "snapshot " + id.value + " is being removed");
  if (present && present->state != SnapshotState::taking) {
    // Once more in the report.
    if (present->state != SnapshotState::pending) {
      present->ended = runtime_.now();
      CO_TRY_VOID(co_await put(*present));
    }
    co_return std::move(*present);
  }
  CO_TRY(const auto of, co_await parts_.volumes.find(volume));
  if (of.lost) co_return Error(VolumeErrc::damaged, "volume " + volume.value + ": " + of.damage);
  if (pending_of(volume).size() >= kPendingMax)
    co_return Error(VolumeErrc::busy, "volume " + volume.value + " has " +
                                          std::to_string(kPendingMax) + " pending snapshots");
  Snapshot snapshot;
  snapshot.id = id;
  snapshot.volume = volume;
  snapshot.size_gib = of.size_gib;
  CO_TRY_VOID(co_await put(snapshot));
  const auto taken = co_await take(snapshot);
  if (!taken) {
    const auto undone = co_await clear(snapshot);
    if (!undone) log::warn("snapshot.not_undone", {{"snapshot", id}, {"reason", undone.error()}});
    co_return Error(taken.error());
  }
  ++figures_.taken;
  Job job;
  job.snapshot = snapshot;
  jobs_.insert_or_assign(id, std::move(job));
  changed_.notify();
  co_return snapshot;
}

Task<> Snapshots::take(Snapshot& snapshot) {
  CO_TRY_VOID(co_await choose_base(snapshot));
  CO_TRY(const auto grants, co_await parts_.exports.all());
  const auto grant = grants.find(snapshot.volume);
  const bool exported = grant != grants.end() && grant->second.open;
  const auto began = runtime_.steady_now();
  snapshot.start = runtime_.now();
  CO_TRY_VOID(co_await parts_.backend.take_snapshot(snapshot.volume, snapshot.id,
                                                    snapshot.base.empty(), exported));
  snapshot.state = SnapshotState::pending;
  CO_TRY_VOID(co_await put(snapshot));
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(runtime_.steady_now() - began);
  log::info("snapshot.taken", {{"snapshot", snapshot.id},
                               {"volume", snapshot.volume},
                               {"base", snapshot.base},
                               {"took_ms", took.count()}});
  co_return common::ok();
}

// Removes what there is of it here, whatever became of it.
Task<> Snapshots::clear(Snapshot snapshot) {
  CO_TRY_VOID(co_await parts_.backend.drop_snapshot(snapshot.volume, snapshot.id, false));
  if (!snapshot.held.empty()) {
    CO_TRY_VOID(co_await parts_.store.let_go(snapshot.held, snapshot.id.value));
  }
  auto forget = [id = snapshot.id](db::Tx& tx) -> Result<> {
    TRY_VOID(SnapshotRecords(tx).forget_base(id));
    return SnapshotRecords(tx).remove(id);
  };
  co_return co_await parts_.db.write(std::move(forget));
}

Task<> Snapshots::stop_job(SnapshotId id) {
  const auto give_up = runtime_.steady_now() + kStopLimit;
  for (;;) {
    const auto seen = changed_.notified();
    const auto at = jobs_.find(id);
    if (at == jobs_.end()) co_return common::ok();
    at->second.progress->cancelled = true;
    if (!at->second.running) break;
    const auto left = give_up - runtime_.steady_now();
    if (left <= left.zero())
      co_return Error(Errc::timed_out, "the upload of " + id.value + " does not end");
    co_await changed_.wait(runtime_, left, seen);
  }
  jobs_.erase(id);
  co_return common::ok();
}

Task<> Snapshots::remove(SnapshotId id) {
  CO_TRY_VOID(check_id(id));
  CO_TRY(auto present, co_await find(id));
  // It may be one of another zone, whose component is gone.
  if (!present) co_return co_await parts_.store.remove(id);
  CO_TRY_VOID(co_await stop_job(id));
  CO_TRY(const auto turn, co_await turns_.take(present->volume));
  CO_TRY(present, co_await find(id));
  if (!present) co_return common::ok();
  present->state = SnapshotState::removing;
  CO_TRY_VOID(co_await put(*present));
  CO_TRY_VOID(co_await parts_.store.remove(id));
  co_return co_await clear(std::move(*present));
}

Task<> Snapshots::create_volume(VolumeId id, std::int64_t size_gib, SnapshotId from) {
  CO_TRY_VOID(check_id(id));
  CO_TRY_VOID(check_id(from));
  CO_TRY_VOID(check_size(id, size_gib));
  CO_TRY(const auto turn, co_await turns_.take(id));
  const auto before = co_await parts_.volumes.find(id);
  if (before) co_return co_await create_again(std::move(id), size_gib);
  if (before.error().code != Errc::not_found) co_return Error(before.error());
  auto note = [id, from](db::Tx& tx) -> Result<> {
    TRY_VOID(SnapshotRecords(tx).set_source(id, from));
    return SnapshotRecords(tx).set_base(id, from);
  };
  CO_TRY_VOID(co_await parts_.db.write(std::move(note)));
  const auto held = co_await parts_.store.hold(from, id.value);
  if (!held) {
    if (held.error().code == Errc::not_found) {
      CO_TRY_VOID(co_await filler_.remove(id));
    }
    co_return Error(held.error());
  }
  if (held.value() > static_cast<std::uint64_t>(size_gib) * kBytesPerGib) {
    CO_TRY_VOID(co_await filler_.remove(id));
    co_return Error(VolumeErrc::bad_size, "snapshot " + from.value + " is larger than " +
                                              std::to_string(size_gib) + " GiB");
  }
  CO_TRY(auto map, co_await parts_.store.get_map(from));
  CO_TRY_VOID(co_await parts_.volumes.create_from(id, size_gib, std::move(map)));
  filler_.add(id, from);
  co_return common::ok();
}

// It is there, or damaged; what was not done after it got its name is done now.
Task<> Snapshots::create_again(VolumeId id, std::int64_t size_gib) {
  CO_TRY_VOID(co_await parts_.volumes.create(id, size_gib));
  auto read = [id](db::Tx& tx) { return SnapshotRecords(tx).source(id); };
  CO_TRY(const auto source, co_await parts_.db.read(std::move(read)));
  if (!source.empty() && filler_.missing(id) == 0) filler_.add(id, source);
  co_return common::ok();
}

Task<> Snapshots::remove_volume(VolumeId id) {
  CO_TRY_VOID(check_id(id));
  CO_TRY(const auto turn, co_await turns_.take(id));
  for (const auto* job : pending_of(id))
    if (job->snapshot.state == SnapshotState::pending)
      co_return Error(VolumeErrc::in_use, "snapshots of volume " + id.value + " are pending");
  CO_TRY_VOID(co_await parts_.exports.remove(id));
  co_return co_await filler_.remove(id);
}

std::size_t Snapshots::pending() const {
  return static_cast<std::size_t>(std::count_if(jobs_.begin(), jobs_.end(), [](const auto& entry) {
    return entry.second.snapshot.state == SnapshotState::pending;
  }));
}

std::size_t Snapshots::waiting() const {
  return static_cast<std::size_t>(std::count_if(
      jobs_.begin(), jobs_.end(), [](const auto& entry) { return !entry.second.trouble.empty(); }));
}

Task<std::vector<Snapshots::Report>> Snapshots::report() {
  auto read = [after = runtime_.now() - kReported](db::Tx& tx) {
    return SnapshotRecords(tx).ended(after);
  };
  CO_TRY(auto ended, co_await parts_.db.read(std::move(read)));
  std::vector<Report> reports;
  for (auto& snapshot : ended) {
    if (jobs_.contains(snapshot.id)) continue;
    const int percent = snapshot.state == SnapshotState::completed ? 100 : 0;
    reports.push_back({std::move(snapshot), percent});
  }
  for (const auto& [id, job] : jobs_) {
    const bool whole = job.snapshot.state == SnapshotState::completed;
    reports.push_back({job.snapshot, whole ? 100 : job.progress->percent});
    auto& reason = reports.back().snapshot.reason;
    if (reason.empty()) reason = job.trouble;
  }
  co_return reports;
}

}  // namespace angophora::sc
