// Runs simulations of the whole cloud, one per seed. A seed that fails is printed with what must
// not have happened; the same seed does the same again.
//
//   angophora-sim --seed N [--trace] [--log debug|info|warn|error]
//   angophora-sim --seeds FIRST..LAST
//   angophora-sim --seconds S [--from N]      seeds from N on for S seconds of processor time
//   angophora-sim --twice N                   whether seed N does the same twice
//   ... --histories                           users live with volumes and snapshots above all
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include "common/log/log.h"
#include "tests/sim/address_checks.h"
#include "tests/sim/checks.h"
#include "tests/sim/faults.h"
#include "tests/sim/image_checks.h"
#include "tests/sim/snapshot_checks.h"
#include "tests/sim/volume_checks.h"
#include "tests/sim/volume_contents.h"

namespace angophora::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSettleLimit = 10min;  // from the end of the faults to the wanted state
constexpr Duration kCalm = 30s;           // that it then must keep
constexpr Duration kCopyLimit = 5min;     // in which snapshots become volumes that are whole
constexpr Duration kMoveLimit = 3s;       // in which an address that is moved is where it must be

struct Result {
  std::string violation;  // empty: all went well
  std::uint64_t digest = 0;
  std::size_t instances = 0;
};

struct Options {
  std::uint64_t first = 1, last = 0;
  double seconds = 0;
  bool print = false, twice = false, histories = false;
  log::Level level = log::Level::error;
};

Result simulate(const Installed& installed, std::uint64_t seed, const Options& options) {
  common::SimWorld world(seed);
  Trace trace(world, options.print);
  Cloud cloud(world, trace, installed);
  Wishes wishes(cloud);
  ImageUsers image_users(cloud, wishes);
  Users users(cloud, wishes, image_users);
  Checks checks(cloud, users, image_users);
  ImageChecks image_checks(cloud, image_users);
  VolumeChecks volume_checks(cloud, users);
  SnapshotChecks snapshot_checks(cloud, users);
  AddressChecks address_checks(cloud, users);
  VolumeContents contents(cloud, seed);
  Faults faults(cloud, seed);
  auto run = [&](Duration limit, const std::function<bool()>& until) {
    return world.run_until(
        [&] {
          checks.look();
          volume_checks.look();
          image_checks.look();
          return trace.violation() || until();
        },
        limit);
  };
  const auto never = [] { return false; };

  cloud.start_all();
  checks.begin_audits();
  volume_checks.begin_audits();
  snapshot_checks.begin_audits();
  image_checks.begin_audits();
  address_checks.begin_audits();
  contents.begin_audits();
  run(10s, never);
  if (options.histories) {
    users.launch_some();
    run(10s, never);
    const auto pause = std::chrono::milliseconds(100 + world.random_below(1500));
    users.begin_history(pause);
    contents.begin_to_write(pause / 4);
    faults.begin();
    run(std::chrono::seconds(20 + world.random_below(60)), never);
  } else {
    const auto pause = std::chrono::milliseconds(500 + world.random_below(8000));
    users.begin(pause);
    image_users.begin(pause);
    contents.begin_to_write(pause);
    faults.begin();
    run(std::chrono::seconds(30 + world.random_below(210)), never);
  }
  users.calm_down();
  image_users.calm_down();
  contents.calm_down();
  faults.stop();

  const auto unsettled = [&] {
    auto why = checks.unsettled();
    if (why.empty()) why = volume_checks.unsettled();
    if (why.empty()) why = snapshot_checks.unsettled();
    if (why.empty()) why = address_checks.unsettled();
    if (why.empty()) why = contents.unsettled();
    return why.empty() ? image_checks.unsettled() : why;
  };
  std::uint64_t audited = checks.audits() + contents.audits();
  auto settled = [&] {
    if (checks.audits() + contents.audits() == audited) return false;
    audited = checks.audits() + contents.audits();
    return unsettled().empty();
  };
  if (!run(kSettleLimit, settled))
    trace.violate("after " + std::to_string(std::chrono::seconds(kSettleLimit / 1s * 1s).count()) +
                  " s without faults: " + unsettled());
  // What is in them is judged there.
  users.copy_all_snapshots();
  run(5s, never);
  if (!run(kCopyLimit, [&] { return users.all_answered() && settled(); }))
    trace.violate("snapshots do not become volumes: " + unsettled());
  run(kCalm, never);
  if (const auto why = unsettled(); !why.empty()) trace.violate("it does not last: " + why);
  if (users.move_an_address()) {
    run(1min, [&] { return users.all_answered(); });
    run(kMoveLimit, never);
    // Refused, when the instance that it was meant for had no image and is over.
    const bool moved = !users.last_moved().empty();
    if (const auto why = address_checks.unsettled_move(); moved && !why.empty())
      trace.violate("an address is not moved in time: " + why);
  }
  return {trace.violation().value_or(""), trace.digest(), users.promises().size()};
}

bool parse(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--trace" || name == "--histories") {
      (name == "--trace" ? options.print : options.histories) = true;
      continue;
    }
    if (++i == argc) return false;
    const char* value = argv[i];
    const char* dots = std::strstr(value, "..");
    const auto number = std::strtoull(value, nullptr, 10);
    if (name == "--seed" || name == "--twice") {
      options.first = options.last = number;
      options.twice = name == "--twice";
    } else if (name == "--seeds" && dots) {
      options.first = number;
      options.last = std::strtoull(dots + 2, nullptr, 10);
    } else if (name == "--from") {
      options.first = number;
    } else if (name == "--seconds") {
      options.seconds = std::strtod(value, nullptr);
    } else if (name != "--log" || !log::parse_level(value, options.level)) {
      return false;
    }
  }
  return options.seconds > 0 || options.last >= options.first;
}

// Whether all went well.
bool run_seed(const Installed& installed, std::uint64_t seed, const Options& options) {
  const auto result = simulate(installed, seed, options);
  if (!result.violation.empty()) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), result.violation.c_str());
    return false;
  }
  auto silent = options;
  silent.print = false;
  if (options.twice && simulate(installed, seed, silent).digest != result.digest) {
    std::printf("seed %llu does something else the second time\n",
                static_cast<unsigned long long>(seed));
    return false;
  }
  return true;
}

int run_all(const Options& options) {
  const Installed installed;
  const auto until = std::clock() + static_cast<std::clock_t>(options.seconds * CLOCKS_PER_SEC);
  int failed = 0, done = 0;
  for (auto seed = options.first; options.seconds > 0 || seed <= options.last; ++seed) {
    if (options.seconds > 0 && std::clock() >= until) break;
    ++done;
    if (!run_seed(installed, seed, options)) ++failed;
    std::fflush(stdout);
  }
  std::printf("%d seeds, %d failed\n", done, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace angophora::sim

int main(int argc, char** argv) {
  angophora::sim::Options options;
  if (!angophora::sim::parse(argc, argv, options)) {
    std::fprintf(stderr,
                 "usage: %s --seed N | --seeds N..M | --seconds S [--from N] | --twice N "
                 "[--histories] [--trace] [--log LEVEL]\n",
                 argv[0]);
    return 2;
  }
  angophora::log::start("sim", options.level);
  return angophora::sim::run_all(options);
}
