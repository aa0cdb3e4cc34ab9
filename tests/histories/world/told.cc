// Two stories that a history meets now and then, told so that they are met each time: something
// that a snapshot needs goes wrong while it is pending. It must end in error with the reason, and
// the volume must go on.
#include "tests/histories/world/history.h"

namespace angophora::histories {

using common::Errc;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kWritten[] = {0, 1, 255, 256, 300, 2000};

}  // namespace

// A volume in its guest, with a pending snapshot that the object store is too far away for.
Task<History::VolumePtr> History::begin_told() {
  for (const auto& guest : guests_) CO_TRY_VOID(co_await orders_.run_guest(guest));
  auto volume = std::make_shared<Volume>();
  volume->number = ++next_strand_;
  volume->id = id_of("vol", volume->number);
  volume->device = "/dev/sdf";
  volume->model = std::make_shared<VolumeModel>(volume->number, nullptr);
  volumes_.push_back(volume);
  const std::string from_nothing;
  CO_TRY_VOID(co_await orders_.create_volume(volume->id, from_nothing));
  Dice dice(seed_, volume->number);
  CO_TRY_VOID(co_await attach(volume, dice));
  CO_TRY_VOID(co_await write_all(volume));
  co_await world_.programs.halt(kStore);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->id = id_of("snap", volume->number);
  snapshot->model = std::make_shared<SnapshotModel>(volume->model, tick());
  snapshots_.push_back(snapshot);
  CO_TRY_VOID(co_await orders_.create_snapshot(snapshot->id, volume->id));
  snapshot->model->answered(tick());
  co_return volume;
}

Task<> History::write_all(VolumePtr volume) {
  std::vector<IoRequest> requests;
  for (const auto block : kWritten) {
    const auto stamp = volume->model->send(block, volume->epoch, tick());
    requests.push_back({true, std::uint64_t{block} * kBlockBytes, block_of(stamp), false, 0});
  }
  CO_TRY(const bool all, co_await volume->disk->run(requests));
  if (!all) co_return Error(Errc::internal, "the disk left while it was written");
  for (const auto block : kWritten) volume->model->answered(block, tick());
  co_return common::ok();
}

// The snapshot has failed for that reason; the next one is whole, and so is the volume.
Task<> History::end_told(VolumePtr volume, std::string reason) {
  CO_TRY_VOID(co_await settle_snapshots());
  const auto& failed = snapshots_.front();
  if (failed->completed || failed->reason.find(reason) == std::string::npos)
    co_return Error(Errc::internal,
                    "the snapshot did not fail as it should, but: '" + failed->reason + "'");
  disk_failed_ = false;
  auto all = volume->model->blocks();
  CO_TRY_VOID(co_await check(volume, all));
  CO_TRY_VOID(co_await write_all(volume));
  Dice dice(seed_, 1);
  CO_TRY_VOID(co_await take_snapshot(volume, dice));
  CO_TRY_VOID(co_await settle_snapshots());
  CO_TRY_VOID(co_await check(volume, std::move(all)));
  const auto& second = snapshots_.back();
  if (second->completed) {
    ++strands_;
    co_await strand(++next_strand_, second);
  }
  if (!violation_.empty()) co_return Error(Errc::internal, violation_);
  CO_TRY_VOID(co_await remove_all());
  co_return co_await check_leftovers();
}

Task<> History::pool_full_while_a_snapshot_is_pending() {
  CO_TRY(const auto volume, co_await begin_told());
  fill_up_to(0);
  // What it overwrites must be spared, for which there is no room; the guest does not notice.
  CO_TRY_VOID(co_await write_all(volume));
  make_room();
  CO_TRY_VOID(co_await world_.programs.resume(kStore));
  co_return co_await end_told(volume, "no room");
}

Task<> History::reads_fail_while_a_snapshot_is_uploaded() {
  CO_TRY(const auto volume, co_await begin_told());
  set_faults(kReadsFail);
  CO_TRY_VOID(co_await world_.programs.resume(kStore));
  CO_TRY_VOID(co_await settle_snapshots());
  set_faults(0);
  co_return co_await end_told(volume, "could not be read");
}

}  // namespace angophora::histories
