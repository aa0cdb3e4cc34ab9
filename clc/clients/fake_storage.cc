#include "clc/clients/fake_storage.h"

#include "common/soap/fault.h"

namespace angophora::clc {

using common::Errc;
using common::Error;
using common::Result;
using namespace std::chrono_literals;

namespace {

// As an error with a name of the storage controller's own arrives here.
Error refusal(const std::string& sentence) { return {soap::SoapErrc::refused_by_peer, sentence}; }

}  // namespace

template <class T>
Task<T> FakeStorage::carry(std::string name, std::function<Result<T>()> serve) {
  if (faults.delay_max > Duration::zero()) {
    const Duration delay(world_.random_below(static_cast<std::uint64_t>(faults.delay_max.count())));
    co_await runtime_.sleep_for(delay);
  }
  if (is_down) co_return Error(Errc::unavailable, name + ": the storage cannot be reached");
  if (happens(faults.lose_requests)) {
    co_await runtime_.sleep_for(10s);
    co_return Error(Errc::timed_out, name + ": no answer");
  }
  calls.push_back(name);
  auto answer = serve();
  if (happens(faults.repeat)) {
    const Duration later(world_.random_below(5'000'000'000));
    runtime_.call_at(runtime_.steady_now() + later, [serve] { (void)serve(); });
  }
  if (happens(faults.lose_answers)) {
    co_await runtime_.sleep_for(10s);
    co_return Error(Errc::timed_out, name + ": no answer");
  }
  co_return answer;
}

Result<> FakeStorage::create(const VolumeId& volume, std::int64_t size_gib,
                             const SnapshotId& snapshot) {
  const auto found = volumes.find(volume);
  if (found != volumes.end()) {
    if (found->second.size_gib == size_gib) return common::ok();
    return refusal("size_mismatch: volume " + volume.value + " has another size");
  }
  if (is_full) return refusal("pool_full: the pool has no room");
  if (!snapshot.empty()) {
    const auto held = snapshots.find(snapshot);
    if (held == snapshots.end() || held->second.stored.state != StoredSnapshot::State::completed)
      return Error(Errc::not_found, "no snapshot " + snapshot.value);
  }
  volumes[volume].size_gib = size_gib;
  volumes[volume].snapshot = snapshot;
  return common::ok();
}

Result<StoredSnapshot> FakeStorage::take(const SnapshotId& snapshot, const VolumeId& volume) {
  if (const auto found = snapshots.find(snapshot); found != snapshots.end())
    return found->second.stored;
  if (!volumes.contains(volume)) return Error(Errc::not_found, "no volume " + volume.value);
  if (is_busy) return refusal("busy: volume " + volume.value + " has pending snapshots");
  if (is_full) return refusal("pool_full: the pool has no room");
  auto& held = snapshots[snapshot];
  held.volume = volume;
  held.stored.id = snapshot;
  held.stored.started_at = runtime_.now();
  return held.stored;
}

Result<> FakeStorage::remove(const VolumeId& volume) {
  const auto found = volumes.find(volume);
  if (found == volumes.end()) return common::ok();
  if (found->second.granted) return refusal("in_use: volume " + volume.value + " is granted");
  for (const auto& [id, snapshot] : snapshots)
    if (snapshot.volume == volume && snapshot.stored.state == StoredSnapshot::State::pending)
      return refusal("in_use: snapshot " + id.value + " is pending");
  volumes.erase(found);
  return common::ok();
}

Result<> FakeStorage::grant(const ExportGrant& wish) {
  const auto found = volumes.find(wish.volume);
  if (found == volumes.end()) return Error(Errc::not_found, "no volume " + wish.volume.value);
  auto& held = found->second;
  if (wish.epoch < held.epoch || (wish.epoch == held.epoch && !held.granted))
    return refusal("stale_epoch: the attachment is over");
  held.epoch = wish.epoch;
  held.granted = true;
  held.holder = wish;
  return common::ok();
}

Result<> FakeStorage::revoke(const VolumeId& volume, std::int64_t epoch) {
  const auto found = volumes.find(volume);
  if (found == volumes.end()) return Error(Errc::not_found, "no volume " + volume.value);
  auto& held = found->second;
  if (epoch < held.epoch) return common::ok();
  held.epoch = epoch;
  held.granted = false;
  return common::ok();
}

Task<> FakeStorage::create_volume(ServiceName, VolumeId volume, std::int64_t size_gib,
                                  SnapshotId snapshot) {
  std::function<Result<>()> serve = [this, volume, size_gib, snapshot] {
    return create(volume, size_gib, snapshot);
  };
  return carry<void>("CreateVolume", std::move(serve));
}

Task<> FakeStorage::delete_volume(ServiceName, VolumeId volume) {
  std::function<Result<>()> serve = [this, volume] { return remove(volume); };
  return carry<void>("DeleteVolume", std::move(serve));
}

Task<StoredSnapshot> FakeStorage::create_snapshot(ServiceName, SnapshotId snapshot,
                                                  VolumeId volume) {
  std::function<Result<StoredSnapshot>()> serve = [this, snapshot, volume] {
    return take(snapshot, volume);
  };
  return carry<StoredSnapshot>("CreateSnapshot", std::move(serve));
}

Task<> FakeStorage::delete_snapshot(ServiceName, SnapshotId snapshot) {
  std::function<Result<>()> serve = [this, snapshot]() -> Result<> {
    snapshots.erase(snapshot);
    return common::ok();
  };
  return carry<void>("DeleteSnapshot", std::move(serve));
}

Task<StorageReport> FakeStorage::describe_volumes(ServiceName) {
  std::function<Result<StorageReport>()> serve = [this]() -> Result<StorageReport> {
    StorageReport report;
    for (const auto& [id, held] : volumes)
      report.volumes.push_back({id, held.size_gib, held.damage});
    for (const auto& [id, held] : snapshots)
      if (!hides_ended || held.stored.state == StoredSnapshot::State::pending)
        report.snapshots.push_back(held.stored);
    report.capacity_gib = 1000;
    report.received_at = runtime_.steady_now();
    return report;
  };
  return carry<StorageReport>("DescribeVolumes", std::move(serve));
}

Task<> FakeStorage::grant_export(ServiceName, ExportGrant wish) {
  std::function<Result<>()> serve = [this, wish] { return grant(wish); };
  return carry<void>("GrantExport", std::move(serve));
}

Task<> FakeStorage::revoke_export(ServiceName, VolumeId volume, std::int64_t epoch) {
  std::function<Result<>()> serve = [this, volume, epoch] { return revoke(volume, epoch); };
  return carry<void>("RevokeExport", std::move(serve));
}

}  // namespace angophora::clc
