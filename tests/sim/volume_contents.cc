#include "tests/sim/volume_contents.h"

#include <algorithm>

#include "clc/store/snapshots.h"
#include "clc/store/volumes.h"
#include "tests/sim/volume_checks.h"

namespace angophora::sim {

using namespace std::chrono_literals;
using histories::SnapshotModel;
using histories::Tick;
using histories::VolumeModel;

namespace {

// Few, so that they are written again and again.
constexpr std::uint32_t kBlocks = 3;

common::Result<VolumeContents::Rows> read_rows(clc::Tx& tx) {
  VolumeContents::Rows rows;
  TRY(rows.volumes, clc::Volumes(tx).list(clc::AccountId()));
  TRY(rows.snapshots, clc::Snapshots(tx).all());
  return rows;
}

common::awaitable<void> read_all(clc::Daemon& daemon,
                                 std::function<void(const VolumeContents::Rows&)> tell) {
  const auto rows = co_await daemon.services().db.read(read_rows);
  if (rows) tell(rows.value());
}

bool is_open_to_a_guest(Cloud& cloud, const VolumeId& volume, const sc::ExportSpec& served) {
  for (const auto& node : cloud.nodes())
    for (const auto& [id, client] : node->machine.volume_clients.clients)
      if (id.volume == volume && is_connected(client, served) &&
          has_disk(node->machine, id.instance, volume))
        return true;
  return false;
}

// Of a chunk that is there.
std::string block_in(const sc::FakeBackend& backend, const VolumeId& id, std::uint32_t number) {
  const auto volume = backend.written.find(id);
  std::string bytes;
  if (volume != backend.written.end())
    if (const auto at = volume->second.find(number); at != volume->second.end()) bytes = at->second;
  if (bytes.empty()) bytes.resize(histories::kBlockBytes);
  return bytes;
}

bool is_lacking(const sc::FakeBackend& backend, const VolumeId& id, std::uint32_t number) {
  const auto at = backend.lacking.find(id);
  return at != backend.lacking.end() && at->second.contains(number);
}

}  // namespace

void VolumeContents::begin_to_write(Duration pause) {
  busy_ = true;
  pause_ = pause;
  write_sometimes();
}

void VolumeContents::write_sometimes() {
  if (!busy_) return;
  for (const auto& [volume, served] : cloud_.sc().exports().serving)
    if (dice_() % 2 == 0 && volumes_.contains(volume) && is_open_to_a_guest(cloud_, volume, served))
      write(volume, served.epoch);
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(pause_).count();
  const auto pause = std::chrono::microseconds(dice_() % (2 * static_cast<std::uint64_t>(us)));
  cloud_.world.call_at(cloud_.world.steady_now() + pause, [this] { write_sometimes(); });
}

void VolumeContents::write(const VolumeId& id, std::int64_t epoch) {
  const auto block = static_cast<std::uint32_t>(dice_() % kBlocks);
  // A guest's write waits until the chunk is there.
  if (is_lacking(cloud_.sc().volumes(), id, block)) return;
  auto& model = *volumes_.at(id);
  const auto stamp = model.send(block, epoch, ++tick_);
  cloud_.sc().volumes().write(id, block, histories::block_of(stamp));
  model.answered(block, ++tick_);
}

void VolumeContents::begin_audits() {
  if (auto* daemon = cloud_.clc().serving()) {
    auto tell = [this, asked = ++tick_](const Rows& rows) { audit(rows, asked); };
    cloud_.clc().runtime().spawn("audit contents", read_all(*daemon, std::move(tell)));
  }
  cloud_.world.call_at(cloud_.world.steady_now() + 1s, [this] { begin_audits(); });
}

void VolumeContents::audit(const Rows& rows, Tick asked) {
  ++tick_;
  ++audits_;
  // A volume is known by the snapshot that it was made of, and that by its volume.
  for (bool more = true; more;) {
    more = false;
    for (const auto& row : rows.volumes) more |= learn_volume(row);
    for (const auto& row : rows.snapshots) more |= learn_snapshot(row);
  }
  asked_ = asked;
  for (const auto& [id, model] : volumes_)
    if (cloud_.sc().volumes().volumes.contains(id)) check(id, *model);
}

bool VolumeContents::learn_volume(const clc::Volume& row) {
  if (volumes_.contains(row.id)) return false;
  std::shared_ptr<SnapshotModel> source;
  if (!row.snapshot.empty()) {
    const auto at = snapshots_.find(row.snapshot);
    if (at == snapshots_.end()) return false;
    source = at->second.model;
  }
  volumes_[row.id] = std::make_shared<VolumeModel>(next_number_++, std::move(source));
  return true;
}

bool VolumeContents::learn_snapshot(const clc::Snapshot& row) {
  const auto volume = volumes_.find(row.volume);
  if (volume == volumes_.end()) return false;
  auto& known = snapshots_[row.id];
  const bool is_new = !known.model;
  // It was not there when the last audit looked.
  if (is_new) known.model = std::make_shared<SnapshotModel>(volume->second, asked_);
  if (row.taken && !known.taken) known.model->answered(tick_);
  known.taken = row.taken;
  return is_new;
}

void VolumeContents::check(const VolumeId& id, VolumeModel& model) {
  const auto& backend = cloud_.sc().volumes();
  const auto blocks = model.blocks();
  for (const auto block : blocks) {
    if (is_lacking(backend, id, block)) continue;
    const auto fine = model.check(block, block_in(backend, id, block), tick_);
    if (!fine) cloud_.trace.violate(id.value + ": " + fine.error().message);
  }
  const auto written = backend.written.find(id);
  if (written == backend.written.end()) return;
  for (const auto& [number, text] : written->second)
    if (std::find(blocks.begin(), blocks.end(), number) == blocks.end())
      cloud_.trace.violate(id.value + " has a block " + std::to_string(number) +
                           " that nobody wrote");
}

std::string VolumeContents::unsettled() const {
  for (const auto& [id, chunks] : cloud_.sc().volumes().lacking)
    if (!chunks.empty()) return id.value + " lacks bytes of its snapshot";
  return {};
}

}  // namespace angophora::sim
