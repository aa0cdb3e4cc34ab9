#include "tests/histories/world/programs.h"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "common/base/text.h"
#include "common/process/helper.h"

namespace angophora::histories {

namespace fs = std::filesystem;
using common::Errc;
using namespace std::chrono_literals;

namespace {

constexpr char kZone[] = "zone-a";
constexpr std::size_t kLastWordsBytes = 6000;

std::vector<pid_t> running(const std::string& program) {
  std::vector<pid_t> pids;
  for (const auto& found : process::find_helpers([&](const process::Arguments& argv) {
         return !argv.empty() && fs::path(argv.front()).filename() == program;
       }))
    pids.push_back(found.pid);
  std::sort(pids.begin(), pids.end());
  return pids;
}

// The object store serves no users here.
Task<soap::cloud::DescribeIdentities::Reply> nobody(
    Runtime& runtime, soap::cloud::DescribeIdentities::Request request) {
  if (request.knownVersion == 1) {
    const std::chrono::milliseconds wait(request.waitMs);
    co_await runtime.sleep_for(wait);
  }
  soap::cloud::DescribeIdentities::Reply reply;
  reply.version = 1;
  co_return reply;
}

}  // namespace

Programs::Programs(Runtime& runtime, Paths paths)
    : runtime_(runtime),
      paths_(std::move(paths)),
      cloud_(runtime, paths_.folder + "/clc"),
      cluster_(runtime, paths_.folder + "/cc-1", "cc-1", nothing_) {
  cloud_.add("cc-1", soap::Role::cluster, kZone, cluster_);
  cloud_.dispatcher().serve<soap::cloud::DescribeIdentities>(
      {soap::Role::walrus},
      [&runtime](soap::Caller, auto request) { return nobody(runtime, std::move(request)); });
}

std::uint16_t Programs::port_of(const std::string& name) const { return entries_.at(name).port; }

std::vector<std::string> Programs::command(const std::string& name, const Entry& entry) const {
  const auto program = paths_.programs + "/angophora-";
  const auto port = std::to_string(entry.port);
  std::vector<std::string> argv{"/usr/bin/env"};
  const auto with = [&](std::initializer_list<std::string> more) {
    argv.insert(argv.end(), more.begin(), more.end());
  };
  if (name == kStorage)
    with({"LD_PRELOAD=" + paths_.programs + "/libhistories-faults.so",
          "HISTORY_FAULTS=" + paths_.switches, program + "sc", "--port", port, "--volumes-dir",
          paths_.pool, "--export-port-first", "0", "--export-plugin",
          paths_.programs + "/nbdkit-angophora-volume.so", "--pool-overcommit-percent", "1000000"});
  else if (name == kStore)
    with({program + "walrus", "--port", "0", "--internal-address", "127.0.0.1", "--internal-port",
          port, "--free-reserve-mib", "0"});
  else
    with({program + "history-node", "--port", port, "--volumes-run-dir", run_dir(name),
          "--tombstone-age-s", "360"});
  with({"--state-dir", state_dir(name), "--listen-address", "127.0.0.1", "--admin-port", "0"});
  return argv;
}

Task<> Programs::launch(std::string name) {
  auto& entry = entries_[name];
  const auto log = paths_.folder + "/" + name + ".log";
  if (entry.starts > 0) fs::rename(log, log + ".before");
  ++entry.starts;
  auto argv = command(name, entry);
  entry.program = std::make_unique<testing::Program>(std::move(argv), log);
  const auto port = co_await entry.program->logged(runtime_, "daemon.started", "port", 2min);
  if (!port) co_return Error(Errc::internal, name + " did not start: " + entry.program->log());
  const auto number = common::parse_number<std::uint16_t>(*port).value_or(0);
  if (number != entry.port) cloud_.set_port(name, number);
  entry.port = number;
  co_return common::ok();
}

Task<> Programs::start() {
  const std::pair<std::string, soap::Role> all[] = {{kStore, soap::Role::walrus},
                                                    {kStorage, soap::Role::storage},
                                                    {kNodes[0], soap::Role::node},
                                                    {kNodes[1], soap::Role::node}};
  for (const auto& [name, role] : all) {
    fs::create_directories(state_dir(name));
    const std::string zone = role == soap::Role::walrus ? "" : kZone;
    std::ofstream(state_dir(name) + "/enrolment-token")
        << cloud_.register_service(name, role, zone);
    CO_TRY_VOID(co_await launch(name));
  }
  co_return common::ok();
}

awaitable<void> Programs::halt(std::string name) {
  auto& entry = entries_.at(name);
  entry.program->kill(SIGKILL);
  co_await entry.program->ended(runtime_, 5s);
}

Task<> Programs::restart(std::string name, common::Duration pause) {
  auto& entry = entries_.at(name);
  if (entry.busy) co_return common::ok();
  entry.busy = true;
  co_await halt(name);
  co_await runtime_.sleep_for(pause);
  const auto launched = co_await launch(name);
  entry.busy = false;
  co_return launched;
}

awaitable<void> Programs::stop() {
  for (auto& [name, entry] : entries_) {
    if (!entry.program) continue;
    entry.program->kill(SIGKILL);
    co_await entry.program->ended(runtime_, 5s);
  }
  for (const auto& pids : {export_servers(), volume_clients()})
    for (const auto pid : pids) ::kill(pid, SIGKILL);
}

std::vector<pid_t> Programs::export_servers() const { return running("nbdkit"); }

std::vector<pid_t> Programs::volume_clients() const { return running("qemu-storage-daemon"); }

std::string Programs::last_words() const {
  std::string all;
  for (const auto& [name, entry] : entries_) {
    if (!entry.program) continue;
    const auto log = entry.program->log();
    all += "--- " + name + "\n" + log.substr(log.size() - std::min(log.size(), kLastWordsBytes));
  }
  return all;
}

}  // namespace angophora::histories
