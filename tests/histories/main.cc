// Many short random histories over real storage: see world/history.h. tests/histories/run calls it
// in a place of its own.
//
//   angophora-histories --programs DIR --folder DIR --pool DIR --seeds FIRST..LAST [--told]
//   [--print]
//   [--each N]
//
// Prints a line for each history that went wrong, with its seed and what the daemons said last, and
// one for all. --told begins with the stories of world/told.cc. Every N histories (default 25) all
// daemons begin anew, after the object store has shown that it keeps no chunk that nobody refers
// to.
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/log/log.h"
#include "common/process/process.h"
#include "common/runtime/real_runtime.h"
#include "tests/histories/world/history.h"

namespace angophora::histories {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Options {
  std::string folder, pool, programs;
  std::uint64_t first = 1, last = 0, each = 25;
  bool print = false, told = false;
};

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--print") {
      options.print = true;
      continue;
    }
    if (name == "--told") {
      options.told = true;
      continue;
    }
    if (++i == argc) return false;
    const char* value = argv[i];
    const char* dots = std::strstr(value, "..");
    if (name == "--folder") {
      options.folder = value;
    } else if (name == "--pool") {
      options.pool = value;
    } else if (name == "--programs") {
      options.programs = value;
    } else if (name == "--each") {
      options.each = std::strtoull(value, nullptr, 10);
    } else if (name == "--seeds" && dots) {
      options.first = std::strtoull(value, nullptr, 10);
      options.last = std::strtoull(dots + 2, nullptr, 10);
    } else {
      return false;
    }
  }
  return !options.folder.empty() && !options.pool.empty() && !options.programs.empty() &&
         options.last >= options.first && options.each > 0;
}

// As if a week had passed: what nobody refers to goes at the next start.
constexpr char kAge[] = R"(
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
db.execute("UPDATE chunks SET touched_ms = 0")
db.commit()
)";

std::size_t files_below(const std::string& folder) {
  std::size_t count = 0;
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(folder, none))
    count += entry.is_regular_file();
  return count;
}

Task<> check_chunks(Runtime& runtime, Programs& programs) {
  const auto folder = programs.state_dir(kStore);
  std::function<Result<std::string>()> age = [folder] {
    process::Command command;
    command.argv = {"/usr/bin/python3", "-c", kAge, folder + "/walrus.db"};
    return process::run_checked(command);
  };
  CO_TRY_VOID(co_await runtime.run_blocking(std::move(age)));
  const common::Duration no_pause{};
  CO_TRY_VOID(co_await programs.restart(kStore, no_pause));
  const auto give_up = runtime.steady_now() + 1min;
  while (const auto left = files_below(folder + "/objects/blobs")) {
    if (runtime.steady_now() > give_up)
      co_return Error(common::Errc::internal, std::to_string(left) + " chunks are left over");
    const common::Duration look = 50ms;
    co_await runtime.sleep_for(look);
  }
  co_return common::ok();
}

struct Sum {
  std::uint64_t done = 0, failed = 0;
};
// What coroutines may still refer to: all of it goes at the program's end.
using Kept = std::vector<std::shared_ptr<void>>;

template <class T, class... Arguments>
T& keep(Kept& kept, Arguments&&... arguments) {
  auto made = std::make_shared<T>(std::forward<Arguments>(arguments)...);
  kept.push_back(made);
  return *made;
}

Paths paths_for(const Options& options, std::uint64_t seed) {
  Paths paths;
  paths.programs = options.programs;
  paths.folder = options.folder + "/" + std::to_string(seed);
  paths.pool = options.pool;
  paths.switches = options.folder + "/faults";
  return paths;
}

void tell_failure(const std::string& when, const Error& error, const Programs& programs) {
  std::printf("%s: %s\n%s\n", when.c_str(), error.message.c_str(), programs.last_words().c_str());
  std::fflush(stdout);
}

Task<> live_told(History::World world, Sum& sum, Kept& kept) {
  const History::Told stories[] = {&History::pool_full_while_a_snapshot_is_pending,
                                   &History::reads_fail_while_a_snapshot_is_uploaded};
  std::uint64_t seed = 4'000'000'001;  // as no history has
  for (const auto story : stories) {
    ++sum.done;
    ++sum.failed;
    CO_TRY_VOID(co_await keep<History>(kept, world, seed++).run(story));
    --sum.failed;
  }
  co_return common::ok();
}

// One set of daemons, and the histories from `seed` on that they live, up to the first that fails.
awaitable<void> run_world(Runtime& runtime, const Options& options, std::uint64_t& seed, Sum& sum,
                          Kept& kept) {
  const auto paths = paths_for(options, seed);
  fs::create_directories(paths.folder);
  auto& programs = keep<Programs>(kept, runtime, paths);
  auto& orders = keep<Orders>(kept, runtime, programs);
  Result<> fine = co_await programs.start();
  if (!fine) {
    tell_failure("the daemons do not start", fine.error(), programs);
    ++sum.failed;
    seed = options.last + 1;
  }
  orders.begin();
  if (fine && options.told && seed == options.first) {
    const History::World world{runtime, programs, orders, options.print};
    fine = co_await live_told(world, sum, kept);
    if (!fine) tell_failure("a told story", fine.error(), programs);
  }
  const auto end = std::min(options.last, seed + options.each - 1);
  for (; fine && seed <= end; ++seed) {
    const History::World world{runtime, programs, orders, options.print};
    const auto began = runtime.steady_now();
    fine = co_await keep<History>(kept, world, seed).run();
    ++sum.done;
    const auto took = (runtime.steady_now() - began) / 1ms;
    if (options.print)
      std::printf("seed %lu took %ld ms\n", static_cast<unsigned long>(seed),
                  static_cast<long>(took));
    if (fine) continue;
    ++sum.failed;
    tell_failure("seed " + std::to_string(seed), fine.error(), programs);
  }
  if (fine) {
    fine = co_await check_chunks(runtime, programs);
    if (!fine) {
      ++sum.failed;
      tell_failure("before seed " + std::to_string(seed), fine.error(), programs);
    }
  }
  orders.end();
  co_await programs.stop();
  std::error_code ignored;
  fs::remove_all(paths.folder, ignored);
  for (const auto& entry : fs::directory_iterator(options.pool))
    fs::remove_all(entry.path(), ignored);
}

awaitable<void> run_all(common::RealRuntime& runtime, const Options& options, Sum& sum,
                        Kept& kept) {
  std::ofstream(options.folder + "/faults") << std::string(4, '\0');
  for (auto seed = options.first; seed <= options.last;)
    co_await run_world(runtime, options, seed, sum, kept);
  runtime.stop();
}

}  // namespace
}  // namespace angophora::histories

int main(int argc, char** argv) {
  using namespace angophora;
  histories::Options options;
  if (!histories::parse(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: %s --programs DIR --folder DIR --pool DIR --seeds N..M [--told] [--print] "
                 "[--each N]\n",
                 argv[0]);
    return 2;
  }
  log::start("histories", log::Level::error);
  common::RealRuntimeOptions runtime_options;
  runtime_options.handle_signals = false;
  histories::Sum sum;
  common::RealRuntime runtime(runtime_options);
  histories::Kept kept;
  runtime.spawn("histories", histories::run_all(runtime, options, sum, kept));
  runtime.run();
  std::printf("%lu histories, %lu failed\n", static_cast<unsigned long>(sum.done),
              static_cast<unsigned long>(sum.failed));
  return sum.failed == 0 && sum.done > 0 ? 0 : 1;
}
