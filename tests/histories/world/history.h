// One random history: volumes that are made, attached, written, snapshot, detached and removed,
// while programs die, the pool fills up and the disk fails. The seed decides all that is decided
// here; when things happen is the machine's.
#pragma once

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/histories/model/volume_model.h"
#include "tests/histories/world/guest_disk.h"
#include "tests/histories/world/orders.h"

namespace angophora::histories {

// What faults.c looks at.
inline constexpr std::uint32_t kReadsFail = 1, kWritesFail = 2, kBeforeFilesFail = 4;

// Its own for each strand of a history, so that none depends on what the others do.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t strand) : engine_(seed * 1000003 + strand) {}
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool percent(unsigned chance) { return below(100) < chance; }
  common::Duration up_to(std::chrono::milliseconds most) {
    return std::chrono::milliseconds(below(static_cast<std::uint64_t>(most.count()) + 1));
  }

 private:
  std::mt19937_64 engine_;
};

// I/O thread only; outlives what it spawned.
class History {
 public:
  struct World {
    Runtime& runtime;
    Programs& programs;
    Orders& orders;
    bool print = false;
  };
  History(World world, std::uint64_t seed);

  // Lives it to its end. What must never happen is the error.
  Task<> run();
  // The same with a story that is told, not thrown.
  using Told = Task<> (History::*)();
  Task<> run(Told told);

  // told.cc: trouble at the worst moment
  Task<> pool_full_while_a_snapshot_is_pending();
  Task<> reads_fail_while_a_snapshot_is_uploaded();

 private:
  struct Snapshot {
    std::string id;
    std::shared_ptr<SnapshotModel> model;
    bool removed = false;
    bool completed = false;
    std::string reason;  // why it failed
  };
  struct Volume {
    std::string id;
    std::uint64_t number = 0;
    std::shared_ptr<VolumeModel> model;
    std::string device;
    bool exists = false;
    std::int64_t epoch = 0;
    bool attached = false;
    GuestName guest{};
    std::shared_ptr<GuestDisk> disk;
    bool writing = false;  // in the background
    int snapshots = 0;
  };
  using VolumePtr = std::shared_ptr<Volume>;
  using SnapshotPtr = std::shared_ptr<Snapshot>;

  // history.cc: what happens
  Task<> live();
  Task<> live_through(std::vector<SnapshotPtr> sources, unsigned trouble_percent);
  awaitable<void> strand(std::uint64_t number, SnapshotPtr source);
  Task<> story(VolumePtr volume, Dice& dice, SnapshotPtr source);
  Task<> step(VolumePtr volume, Dice& dice);
  Task<> attach(VolumePtr volume, Dice& dice);
  Task<> detach(VolumePtr volume);
  Task<> detach_by_force(VolumePtr volume, Dice& dice);
  Task<> take_snapshot(VolumePtr volume, Dice& dice);
  Task<> write(VolumePtr volume, Dice& dice);
  Task<> write_now(VolumePtr volume, Dice& dice);
  void begin_to_write(const VolumePtr& volume, Dice& dice);
  awaitable<void> write_behind(VolumePtr volume, std::uint64_t strand);
  Task<> check(VolumePtr volume, std::vector<std::uint32_t> blocks);
  Task<> until_written(VolumePtr volume);

  Task<VolumePtr> begin_told();
  Task<> end_told(VolumePtr volume, std::string reason);
  Task<> write_all(VolumePtr volume);

  // troubles.cc: what goes wrong
  awaitable<void> make_trouble(std::uint64_t strand, unsigned percent);
  awaitable<void> trouble(Dice& dice);
  awaitable<void> kill_daemon(std::string name, Dice& dice);
  void kill_one_of(const std::vector<pid_t>& pids, const char* what, Dice& dice);
  awaitable<void> fill_the_pool(Dice& dice);
  void fill_up_to(std::uint64_t left_bytes);
  void make_room();
  void set_faults(std::uint32_t faults);
  awaitable<void> break_the_disk(Dice& dice);

  // ending.cc: what must be true afterwards
  Task<> settle_snapshots();
  Task<> remove_all();
  Task<> check_leftovers();
  Task<std::string> leftovers();

  void note(std::string line);
  void violate(const std::string& what);
  Tick tick() { return ++tick_; }
  std::string id_of(const std::string& kind, std::uint64_t number) const;
  Task<> until(std::function<bool()> condition, const char* what);

  const World world_;
  Runtime& runtime_;
  Orders& orders_;
  const std::uint64_t seed_;
  Tick tick_ = 0;
  std::uint64_t next_strand_ = 0;
  int strands_ = 0;           // under way
  bool troubled_ = false;     // trouble is under way
  bool disk_failed_ = false;  // so that orders may be refused and snapshots may fail
  std::vector<GuestName> guests_;
  std::vector<VolumePtr> volumes_;
  std::vector<SnapshotPtr> snapshots_;
  std::string violation_;
};

}  // namespace angophora::histories
