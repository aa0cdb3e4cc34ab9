#include <fmt/format.h>

#include "doctor/checks.h"

namespace angophora::doctor {
namespace {

constexpr std::uint64_t kGib = std::uint64_t{1} << 30;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string unit(const LocalDaemon& daemon) { return "angophora-" + daemon.name; }

}  // namespace

Task<> check_running(Machine& machine, const LocalDaemon& daemon, Findings& findings) {
  // Tests and several daemons of one kind on a machine let the system choose; then nobody knows.
  if (daemon.admin_port == 0) {
    findings.push_back(fine("running", unit(daemon), "admin_port is 0: it cannot be asked"));
    co_return common::ok();
  }
  std::string host = daemon.admin_address == "0.0.0.0" ? "127.0.0.1" : daemon.admin_address;
  std::string path = "/readyz";
  const auto object = fmt::format("{} at {}:{}", unit(daemon), host, daemon.admin_port);
  const auto answer = co_await machine.get(false, std::move(host), daemon.admin_port, path);
  if (!answer)
    findings.push_back(
        failure("running", object, "does not answer: " + answer.error().message,
                "systemctl status " + unit(daemon) + "; journalctl -u " + unit(daemon)));
  else if (answer.value().status != 200)
    findings.push_back(failure("running", object,
                               "is not ready: " + first_line(answer.value().body),
                               "the reason says what it waits for"));
  else
    findings.push_back(fine("running", object, "is ready"));
  co_return common::ok();
}

void check_disk(Machine& machine, const LocalDaemon& daemon, Findings& findings) {
  for (const auto& folder : daemon.folders) {
    const auto disk = machine.disk(folder);
    if (!disk || disk->all_bytes == 0) {
      findings.push_back(
          failure("disk", folder, "is not there, or may not be looked at",
                  "run this as root; " + unit(daemon) + " makes its folder when it starts"));
      continue;
    }
    const auto percent = disk->free_bytes * 100 / disk->all_bytes;
    const auto message = fmt::format("{} % free, {} MiB", percent, disk->free_bytes >> 20);
    if (disk->free_bytes < kGib / 4 || percent < 2)
      findings.push_back(failure("disk", folder, message, "make room: writes fail soon"));
    else if (disk->free_bytes < kGib || percent < 10)
      findings.push_back(warning("disk", folder, message, "make room before it is full"));
    else
      findings.push_back(fine("disk", folder, message));
  }
}

void check_version(Machine& machine, const LocalDaemon& daemon, const std::string& version,
                   Findings& findings) {
  const auto said = machine.run({unit(daemon), "--version"});
  if (!said) {
    findings.push_back(
        warning("version", unit(daemon), "cannot be asked: " + said.error().message,
                "install the package " + unit(daemon) + ", or put the program's folder into PATH"));
    return;
  }
  const auto line = first_line(said.value());
  if (line.find(version) == line.npos)
    findings.push_back(failure("version", unit(daemon),
                               "is \"" + line + "\", and this program is " + version,
                               "bring all packages to one version, then restart the daemon"));
  else
    findings.push_back(fine("version", unit(daemon), line));
}

}  // namespace angophora::doctor
