// What goes wrong in a history.
#include <fcntl.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/histories/world/history.h"

namespace angophora::histories {

using namespace std::chrono_literals;

awaitable<void> History::make_trouble(std::uint64_t strand, unsigned percent) {
  Dice dice(seed_, strand);
  if (dice.percent(percent)) {
    const auto count = 1 + dice.below(3);
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto pause = dice.up_to(400ms);
      co_await runtime_.sleep_for(pause);
      co_await trouble(dice);
    }
  }
  troubled_ = false;
}

awaitable<void> History::trouble(Dice& dice) {
  const auto what = dice.below(100);
  if (what < 24) {
    co_await kill_daemon(kStorage, dice);
  } else if (what < 42) {
    const auto& node = kNodes[dice.below(std::size(kNodes))];
    co_await kill_daemon(node, dice);
  } else if (what < 52) {
    co_await kill_daemon(kStore, dice);
  } else if (what < 70) {
    kill_one_of(world_.programs.export_servers(), "export server", dice);
  } else if (what < 86) {
    kill_one_of(world_.programs.volume_clients(), "volume client", dice);
  } else if (what < 93) {
    co_await fill_the_pool(dice);
  } else {
    co_await break_the_disk(dice);
  }
}

awaitable<void> History::kill_daemon(std::string name, Dice& dice) {
  note("kill " + name);
  const auto pause = dice.up_to(150ms);
  const auto again = co_await world_.programs.restart(name, pause);
  if (!again) violate(again.error().message);
  note(name + " is back");
}

void History::kill_one_of(const std::vector<pid_t>& pids, const char* what, Dice& dice) {
  const auto which = dice.below(1000);
  if (pids.empty()) return;
  note(std::string("kill an ") + what);
  ::kill(pids[which % pids.size()], SIGKILL);
}

void History::fill_up_to(std::uint64_t left_bytes) {
  disk_failed_ = true;
  const auto path = world_.programs.paths().pool + "/filler";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct statvfs status {};
  if (fd < 0 || ::fstatvfs(fd, &status) != 0) return violate("the pool cannot be filled");
  const auto free = status.f_bavail * status.f_frsize;
  note("fill the pool up to " + std::to_string(left_bytes));
  if (free > left_bytes && ::posix_fallocate(fd, 0, static_cast<off_t>(free - left_bytes)) != 0)
    note("others were faster");
  ::close(fd);
}

void History::make_room() {
  std::filesystem::remove(world_.programs.paths().pool + "/filler");
  note("the pool has room again");
}

void History::set_faults(std::uint32_t faults) {
  if (faults != 0) disk_failed_ = true;
  note("the disk fails with " + std::to_string(faults));
  std::fstream file(world_.programs.paths().switches,
                    std::ios::in | std::ios::out | std::ios::binary);
  file.write(reinterpret_cast<const char*>(&faults), sizeof faults);
}

awaitable<void> History::fill_the_pool(Dice& dice) {
  const auto left = dice.below(1200) << 10;
  const auto time = dice.up_to(400ms);
  fill_up_to(left);
  co_await runtime_.sleep_for(time);
  make_room();
}

awaitable<void> History::break_the_disk(Dice& dice) {
  constexpr std::uint32_t kFaults[] = {kReadsFail, kWritesFail, kReadsFail | kWritesFail,
                                       kBeforeFilesFail};
  const auto faults = kFaults[dice.below(std::size(kFaults))];
  const auto time = dice.up_to(300ms);
  set_faults(faults);
  co_await runtime_.sleep_for(time);
  set_faults(0);
}

}  // namespace angophora::histories
