#include "sc/exports/nbdkit_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/log/log.h"
#include "common/process/helper.h"
#include "common/process/process.h"
#include "sc/exports/nbdkit_files.h"

namespace angophora::sc {
namespace {

using common::Errc;
using process::Watched;

constexpr std::chrono::milliseconds kStartLimit{5000};
constexpr std::chrono::milliseconds kStopLimit{1000};
constexpr int kStarts = 5;  // with a port of our choice that another program may take first

std::vector<process::FoundHelper> servers_of(const NbdkitOptions& options, const VolumeId& volume) {
  return process::find_helpers(
      [&](const process::Arguments& argv) { return volume_of(options, argv) == volume; });
}

Result<> stop(const process::FoundHelper& found) {
  auto process = Watched::adopt(found.pid, found.argv);
  if (!process) return common::ok();  // it has ended
  return process.assume_value().stop(kStopLimit);
}

Result<> end_servers(const NbdkitOptions& options, const VolumeId& volume) {
  for (const auto& found : servers_of(options, volume)) TRY_VOID(stop(found));
  return common::ok();
}

// The server that listens with exactly these arguments, if any; other servers of the volume end.
Result<std::optional<Watched>> take_over(const NbdkitOptions& options, const NbdkitFiles& files,
                                         const VolumeId& volume,
                                         const std::vector<std::string>& argv) {
  std::optional<Watched> ours;
  for (const auto& found : servers_of(options, volume)) {
    if (found.argv != argv || found.pid != files.server()) {
      TRY_VOID(stop(found));
      continue;
    }
    auto process = Watched::adopt(found.pid, argv);
    if (process) ours = std::move(process).assume_value();
  }
  return ours;
}

struct Started {
  std::uint16_t port = 0;
  Watched process;
};

// nbdkit goes into the background by itself once it listens. It must: in the foreground it asks
// the system to be ended with its parent, whatever its options say.
Result<Watched> start_on(const NbdkitOptions& options, const ExportSpec& spec, std::uint16_t port) {
  const NbdkitFiles files(options, spec);
  const auto argv = files.argv(port);
  TRY_VOID(files.write());
  TRY(auto launcher, Watched::start(argv, files.log()));
  if (!launcher.ended_within(kStartLimit)) (void)launcher.stop(kStopLimit);
  for (const auto& found :
       process::find_helpers([&](const auto& theirs) { return theirs == argv; })) {
    auto server = Watched::adopt(found.pid, argv);
    constexpr std::chrono::milliseconds kLook{2};
    for (auto waited = kLook; server && waited < kStartLimit; waited += kLook) {
      if (files.server() == found.pid) return server;
      if (server.assume_value().ended_within(kLook)) break;
    }
  }
  TRY_VOID(end_servers(options, spec.volume));
  return Error(Errc::unavailable, "its server does not start: " + files.last_words());
}

// A port that no other start under way has chosen as well; its own until this goes.
class ChosenPort {
 public:
  static Result<ChosenPort> choose(PortsUnderWay& under_way, const NbdkitOptions& options,
                                   std::set<std::uint16_t> kept) {
    const std::lock_guard lock(under_way.mutex);
    kept.insert(under_way.ports.begin(), under_way.ports.end());
    TRY(const auto port, find_port(options.address, options.ports, kept));
    under_way.ports.insert(port);
    return ChosenPort(under_way, port);
  }
  ChosenPort(ChosenPort&& other) noexcept
      : under_way_(std::exchange(other.under_way_, nullptr)), port_(other.port_) {}
  ~ChosenPort() {
    if (!under_way_) return;
    const std::lock_guard lock(under_way_->mutex);
    under_way_->ports.erase(port_);
  }
  std::uint16_t port() const { return port_; }

 private:
  ChosenPort(PortsUnderWay& under_way, std::uint16_t port) : under_way_(&under_way), port_(port) {}

  PortsUnderWay* under_way_;
  std::uint16_t port_;
};

Result<Started> start(const NbdkitOptions& options, const ExportSpec& spec,
                      std::set<std::uint16_t> kept, PortsUnderWay& under_way) {
  if (spec.port != 0) {
    const NbdkitFiles files(options, spec);
    TRY(auto running, take_over(options, files, spec.volume, files.argv(spec.port)));
    if (running) return Started{spec.port, std::move(*running)};
    TRY(auto process, start_on(options, spec, spec.port));
    return Started{spec.port, std::move(process)};
  }
  TRY_VOID(end_servers(options, spec.volume));
  for (int i = 1;; ++i) {
    TRY(const auto chosen, ChosenPort::choose(under_way, options, kept));
    auto process = start_on(options, spec, chosen.port());
    if (process) return Started{chosen.port(), std::move(process).assume_value()};
    if (i == kStarts) return std::move(process).assume_error();
    kept.insert(chosen.port());
  }
}

}  // namespace

Result<std::unique_ptr<NbdkitServer>> NbdkitServer::open(common::Runtime& runtime,
                                                         NbdkitOptions options) {
  std::error_code failure;
  std::filesystem::create_directories(options.folder, failure);
  if (failure) return Error(Errc::io, "making " + options.folder + ": " + failure.message());
  if (::chmod(options.folder.c_str(), 0700) != 0)
    return common::errno_error(errno, "guarding " + options.folder);
  std::unique_ptr<NbdkitServer> server(new NbdkitServer(runtime, std::move(options)));
  process::Command question;
  question.argv = {"nbdkit", server->options_.plugin, "--dump-plugin"};
  const auto answer = process::run_checked(question);
  if (!answer) {
    server->why_not_ = "volumes cannot be exported: " + answer.assume_error().message;
    log::error("export.not_possible", {{"reason", answer.assume_error()}});
  }
  return server;
}

Task<std::uint16_t> NbdkitServer::serve(ExportSpec spec) {
  auto& server = servers_[spec.volume];
  if (server.epoch == spec.epoch && server.port == spec.port && !server.process.ended())
    co_return spec.port;
  std::set<std::uint16_t> kept;
  for (const auto& [volume, other] : servers_) kept.insert(other.port);
  std::function<Result<Started>()> work = [options = options_, spec, kept, under_way = under_way_] {
    return start(options, spec, kept, *under_way);
  };
  // What is begun is finished: were it dropped, a server could run that nobody knows of.
  auto started = co_await runtime_.run_blocking(std::move(work));
  if (!started)
    co_return std::move(started).assume_error().while_doing("exporting volume " +
                                                            spec.volume.value);
  auto& now = servers_[spec.volume];
  now.epoch = spec.epoch;
  now.port = started.assume_value().port;
  now.process = std::move(started.assume_value().process);
  now.told = false;
  co_return now.port;
}

Task<> NbdkitServer::end(VolumeId volume) {
  std::function<Result<>()> work = [options = options_, volume]() -> Result<> {
    TRY_VOID(end_servers(options, volume));
    return remove_files(options.folder, {}, volume);
  };
  auto done = co_await runtime_.run_blocking(std::move(work));
  if (!done) co_return std::move(done).assume_error().while_doing("closing volume " + volume.value);
  const auto at = servers_.find(volume);
  if (at == servers_.end()) co_return common::ok();
  (void)at->second.process.ended();  // reaps
  servers_.erase(at);
  co_return common::ok();
}

Task<> NbdkitServer::sweep(std::vector<ExportSpec> keep) {
  std::vector<std::string> stems;
  std::set<std::string> key_files;
  for (const auto& spec : keep) {
    stems.push_back(file_stem(spec.volume, spec.epoch));
    key_files.insert(options_.folder + "/" + stems.back() + ".psk");
    servers_[spec.volume].port = spec.port;
  }
  std::function<Result<>()> work = [options = options_, stems, key_files]() -> Result<> {
    const auto unwanted = process::find_helpers([&](const process::Arguments& argv) {
      if (volume_of(options, argv).empty()) return false;
      return std::none_of(argv.begin(), argv.end(),
                          [&](const std::string& text) { return key_files.contains(text); });
    });
    for (const auto& found : unwanted) {
      log::warn("export.swept", {{"volume", volume_of(options, found.argv)}});
      TRY_VOID(stop(found));
    }
    return remove_files(options.folder, stems, {});
  };
  co_return co_await runtime_.run_blocking(std::move(work));
}

std::vector<VolumeId> NbdkitServer::ended() {
  std::vector<VolumeId> volumes;
  for (auto& [volume, server] : servers_) {
    if (server.told || !server.process.ended()) continue;
    server.told = true;
    volumes.push_back(volume);
  }
  return volumes;
}

}  // namespace angophora::sc
