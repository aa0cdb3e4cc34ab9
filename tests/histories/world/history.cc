#include "tests/histories/world/history.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "nc/domain/attachment.h"

namespace angophora::histories {
namespace {

using common::Errc;
using namespace std::chrono_literals;

constexpr auto kPatience = 2min;  // what hangs says so itself before

// Few chunks with few blocks each: what comes together is what goes wrong.
constexpr std::uint32_t kChunks[] = {0, 1, 7, 63, 64, 1023};
constexpr std::uint32_t kBlocksOfEach = 5;
constexpr std::uint32_t kBlocksPerChunk = (1 << 20) / kBlockBytes;

std::uint32_t some_block(Dice& dice) {
  const auto chunk = kChunks[dice.below(std::size(kChunks))];
  // The last block of a chunk is as likely as its first.
  const auto place = dice.below(kBlocksOfEach);
  const auto within = place + 1 == kBlocksOfEach ? kBlocksPerChunk - 1 : place;
  return static_cast<std::uint32_t>(chunk * kBlocksPerChunk + within);
}

}  // namespace

History::History(World world, std::uint64_t seed)
    : world_(world), runtime_(world.runtime), orders_(world.orders), seed_(seed) {
  for (std::size_t i = 0; i < std::size(kNodes); ++i)
    guests_.push_back({kNodes[i], id_of("i", i + 1)});
}

std::string History::id_of(const std::string& kind, std::uint64_t number) const {
  char text[40];
  std::snprintf(text, sizeof text, "%s-%08llx%09llx", kind.c_str(),
                static_cast<unsigned long long>(seed_ & 0xffffffff),
                static_cast<unsigned long long>(number));
  return text;
}

void History::note(std::string line) {
  if (world_.print) {
    std::printf("  %llu  %s\n", static_cast<unsigned long long>(tick_), line.c_str());
    std::fflush(stdout);
  }
}

void History::violate(const std::string& what) {
  note("VIOLATION: " + what);
  if (violation_.empty()) violation_ = what;
}

Task<> History::until(std::function<bool()> condition, const char* what) {
  const auto give_up = runtime_.steady_now() + kPatience;
  while (!condition()) {
    if (runtime_.steady_now() > give_up)
      co_return Error(Errc::timed_out, std::string(what) + ": not within two minutes");
    const common::Duration look = 2ms;
    co_await runtime_.sleep_for(look);
  }
  co_return common::ok();
}

Task<> History::run() { return run(&History::live); }

Task<> History::run(Told told) {
  auto lived = co_await (this->*told)();
  for (const auto& volume : volumes_)
    if (volume->disk) volume->disk->stop();
  if (violation_.empty() && !lived) co_return lived;
  if (!violation_.empty()) co_return Error(Errc::internal, violation_);
  co_return common::ok();
}

Task<> History::live() {
  for (const auto& guest : guests_) CO_TRY_VOID(co_await orders_.run_guest(guest));
  Dice dice(seed_, 0);
  std::vector<SnapshotPtr> sources(1 + dice.below(3));  // from nothing
  CO_TRY_VOID(co_await live_through(std::move(sources), 75));
  CO_TRY_VOID(co_await settle_snapshots());
  for (const auto& snapshot : snapshots_)
    if (snapshot->completed && sources.size() < 3) sources.push_back(snapshot);
  CO_TRY_VOID(co_await live_through(std::move(sources), 35));
  CO_TRY_VOID(co_await settle_snapshots());
  CO_TRY_VOID(co_await remove_all());
  co_return co_await check_leftovers();
}

Task<> History::live_through(std::vector<SnapshotPtr> sources, unsigned trouble_percent) {
  troubled_ = true;
  runtime_.spawn("trouble", make_trouble(++next_strand_, trouble_percent));
  for (const auto& source : sources) {
    ++strands_;
    runtime_.spawn("strand", strand(++next_strand_, source));
  }
  std::function<bool()> over = [this] { return strands_ == 0 && !troubled_; };
  CO_TRY_VOID(co_await until(std::move(over), "the end of all volumes' stories"));
  if (!violation_.empty()) co_return Error(Errc::internal, violation_);
  co_return common::ok();
}

awaitable<void> History::strand(std::uint64_t number, SnapshotPtr source) {
  auto volume = std::make_shared<Volume>();
  volume->id = id_of("vol", number);
  volume->number = number;
  volume->device = std::string("/dev/sd") + static_cast<char>('f' + number % 20);
  volume->model = std::make_shared<VolumeModel>(number, source ? source->model : nullptr);
  volumes_.push_back(volume);
  Dice dice(seed_, number);
  const auto told = co_await story(volume, dice, std::move(source));
  if (!told) violate(volume->id + ": " + told.error().message);
  --strands_;
}

Task<> History::story(VolumePtr volume, Dice& dice, SnapshotPtr source) {
  note("create " + volume->id + (source ? " from " + source->id : ""));
  const auto from = source ? source->id : std::string();
  const auto made = co_await orders_.create_volume(volume->id, from);
  volume->exists = true;
  if (!made) {
    note("not made: " + made.error().message);
    if (!disk_failed_) co_return made;
    co_return co_await orders_.delete_volume(volume->id);
  }
  const auto steps = 3 + dice.below(6);
  for (std::uint64_t i = 0; i < steps; ++i) {
    CO_TRY_VOID(co_await step(volume, dice));
    if (!violation_.empty()) co_return common::ok();
  }
  // Each block is read once at least: where it was, or from somewhere else.
  if (volume->attached && dice.percent(50)) {
    CO_TRY_VOID(co_await detach(volume));
  }
  if (!volume->attached) {
    CO_TRY_VOID(co_await attach(volume, dice));
  }
  CO_TRY_VOID(co_await until_written(volume));
  auto all = volume->model->blocks();
  CO_TRY_VOID(co_await check(volume, std::move(all)));
  // Some are left to their guests' end.
  if (dice.percent(20)) co_return common::ok();
  co_return co_await detach(volume);
}

Task<> History::step(VolumePtr volume, Dice& dice) {
  const auto what = dice.below(100);
  if (!volume->attached) {
    if (what < 80) co_return co_await attach(volume, dice);
    co_return co_await take_snapshot(volume, dice);
  }
  if (what < 35) co_return co_await write(volume, dice);
  // A guest mostly writes while a snapshot is taken.
  if (what < 50 || (what >= 60 && what < 82 && dice.percent(75))) begin_to_write(volume, dice);
  if (what < 50) co_return common::ok();
  if (what < 60) {
    CO_TRY_VOID(co_await until_written(volume));
    std::vector<std::uint32_t> some;
    for (int i = 0; i < 4; ++i) some.push_back(some_block(dice));
    co_return co_await check(volume, std::move(some));
  }
  if (what < 82) co_return co_await take_snapshot(volume, dice);
  if (what < 96) co_return co_await detach(volume);
  co_return co_await detach_by_force(volume, dice);
}

Task<> History::attach(VolumePtr volume, Dice& dice) {
  volume->guest = guests_[dice.below(guests_.size())];
  ++volume->epoch;
  note("attach " + volume->id + " to " + volume->guest.node + " as " +
       std::to_string(volume->epoch));
  if (volume->disk) volume->disk->stop();
  volume->disk = std::make_shared<GuestDisk>(
      runtime_, world_.programs.state_dir(volume->guest.node) + "/guests/" + volume->guest.instance,
      nc::serial_of(common::VolumeId(volume->id)));
  runtime_.spawn("attend " + volume->id, GuestDisk::attend(volume->disk));
  volume->attached = true;
  co_return co_await orders_.attach(volume->guest, volume->id, volume->epoch, volume->device);
}

Task<> History::detach(VolumePtr volume) {
  note("detach " + volume->id);
  CO_TRY_VOID(co_await orders_.detach(volume->guest, volume->id, volume->epoch, false));
  CO_TRY_VOID(co_await orders_.until_detached(volume->guest, volume->id, volume->epoch));
  CO_TRY_VOID(co_await until_written(volume));
  CO_TRY_VOID(co_await orders_.revoke(volume->id, volume->epoch));
  volume->attached = false;
  co_return common::ok();
}

// The cloud controller does not wait for the guest; once the storage controller has confirmed,
// anybody else may have the volume. What the guest writes from here on may be lost.
Task<> History::detach_by_force(VolumePtr volume, Dice& dice) {
  const bool clings = dice.percent(15);
  const bool at_once = dice.percent(30);
  note("detach " + volume->id + " by force" + (clings ? ", the guest clings" : "") +
       (at_once ? ", revoked at once" : ""));
  volume->disk->set_clinging(clings);
  volume->attached = false;
  CO_TRY_VOID(co_await orders_.detach(volume->guest, volume->id, volume->epoch, true));
  if (!at_once) {
    CO_TRY_VOID(co_await orders_.until_detached(volume->guest, volume->id, volume->epoch));
  }
  CO_TRY_VOID(co_await orders_.revoke(volume->id, volume->epoch));
  if (at_once) {
    CO_TRY_VOID(co_await orders_.until_detached(volume->guest, volume->id, volume->epoch));
  }
  volume->disk->set_clinging(false);
  std::function<bool()> gone = [volume] { return !volume->disk->is_plugged(); };
  CO_TRY_VOID(co_await until(std::move(gone), "a guest's letting go of a disk"));
  co_return co_await until_written(volume);
}

Task<> History::until_written(VolumePtr volume) {
  std::function<bool()> written = [volume] { return !volume->writing; };
  co_return co_await until(std::move(written), "the end of what is written");
}

Task<> History::take_snapshot(VolumePtr volume, Dice& dice) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->id = id_of("snap", 100 * volume->number + ++volume->snapshots);
  snapshot->model = std::make_shared<SnapshotModel>(volume->model, tick());
  note("snapshot " + snapshot->id + " of " + volume->id);
  snapshots_.push_back(snapshot);
  const auto taken = co_await orders_.create_snapshot(snapshot->id, volume->id);
  snapshot->model->answered(tick());
  if (taken) {
    if (!dice.percent(12)) co_return common::ok();
    note("delete " + snapshot->id + " at once");
    snapshot->removed = true;
    co_return co_await orders_.delete_snapshot(snapshot->id);
  }
  note("not taken: " + taken.error().message);
  snapshot->removed = true;
  const bool may_be = disk_failed_ || taken.error().message.find("busy") != std::string::npos;
  if (!may_be) co_return taken;
  co_return co_await orders_.delete_snapshot(snapshot->id);
}

Task<> History::write(VolumePtr volume, Dice& dice) {
  CO_TRY_VOID(co_await until_written(volume));
  co_return co_await write_now(volume, dice);
}

Task<> History::write_now(VolumePtr volume, Dice& dice) {
  std::set<std::uint32_t> blocks;
  const auto count = 1 + dice.below(12);
  while (blocks.size() < count) blocks.insert(some_block(dice));
  std::vector<IoRequest> requests;
  for (const auto block : blocks) {
    const auto stamp = volume->model->send(block, volume->epoch, tick());
    requests.push_back({true, std::uint64_t{block} * kBlockBytes, block_of(stamp), false, 0});
  }
  CO_TRY(const bool all, co_await volume->disk->run(requests));
  // After a detachment by force began, an answer may be that of a client that leads nowhere.
  if (!all || !volume->attached) co_return common::ok();
  for (const auto block : blocks) volume->model->answered(block, tick());
  co_return common::ok();
}

void History::begin_to_write(const VolumePtr& volume, Dice& dice) {
  const auto throws = dice.below(1 << 30);
  if (volume->writing) return;
  volume->writing = true;
  runtime_.spawn("write behind", write_behind(volume, throws));
}

awaitable<void> History::write_behind(VolumePtr volume, std::uint64_t strand) {
  Dice dice(seed_, strand);
  const auto count = 2 + dice.below(8);
  for (std::uint64_t i = 0; i < count && volume->attached && volume->disk->is_plugged(); ++i) {
    const auto written = co_await write_now(volume, dice);
    if (!written) violate("writing to " + volume->id + ": " + written.error().message);
    const auto pause = dice.up_to(10ms);
    co_await runtime_.sleep_for(pause);
  }
  volume->writing = false;
}

Task<> History::check(VolumePtr volume, std::vector<std::uint32_t> blocks) {
  std::vector<IoRequest> requests;
  for (const auto block : blocks)
    requests.push_back({false, std::uint64_t{block} * kBlockBytes, {}, false, 0});
  if (requests.empty()) co_return common::ok();
  CO_TRY(const bool all, co_await volume->disk->run(requests));
  if (!all) co_return Error(Errc::internal, "the disk left while it was read");
  for (std::size_t i = 0; i < blocks.size(); ++i)
    CO_TRY_VOID(volume->model->check(blocks[i], requests[i].bytes, tick()));
  co_return common::ok();
}

}  // namespace angophora::histories
