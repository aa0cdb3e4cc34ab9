#include "nc/hypervisor/kvm_probe.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "common/log/log.h"
#include "common/process/process.h"
#include "nc/hypervisor/probe_guest.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;

namespace {

constexpr int kExitCodeWhenItRan = (kProbeGuestSays << 1) | 1;

Result<std::string> write_boot_sector(const ProbeOptions& options) {
  const auto path = options.scratch_dir + "/kvm-probe.img";
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << probe_guest();
  file.close();
  if (!file) return Error(Errc::io, "cannot write " + path);
  return path;
}

// What the answer of a trial depends on; the number is the guest's.
std::string fingerprint(const ProbeOptions& options) {
  utsname system{};
  uname(&system);
  const process::Command ask{.argv = {options.program, "--version"}};
  const auto version = process::run_checked(ask);
  return std::string("2|") + system.release + "|" + system.version + "|" +
         (version ? version.assume_value().substr(0, version.assume_value().find('\n')) : "none") +
         "|" + (access("/dev/kvm", R_OK | W_OK) == 0 ? "kvm device" : "no kvm device");
}

// Two lines: the fingerprint and the answer.
std::string remembered(const std::string& memory_file, const std::string& print) {
  std::ifstream file(memory_file);
  std::string known_print, answer;
  std::getline(file, known_print);
  std::getline(file, answer);
  return known_print == print ? answer : "";
}

void remember(const std::string& memory_file, const std::string& print, std::string_view answer) {
  std::ofstream file(memory_file, std::ios::trunc);
  file << print << "\n" << answer << "\n";
}

Virtualization probe(const std::string& memory_file, const ProbeOptions& options) {
  const auto print = fingerprint(options);
  const auto known = remembered(memory_file, print);
  if (known == "kvm") return Virtualization::kvm;
  if (known == "qemu") {
    log::info("hypervisor.kvm_unusable", {{"known_from", memory_file}, {"using", "qemu"}});
    return Virtualization::qemu;
  }
  const auto tried = try_accelerator("kvm", options);
  const auto answer = tried ? Virtualization::kvm : Virtualization::qemu;
  if (tried) {
    log::info("hypervisor.kvm_works", {{"using", "kvm"}});
  } else {
    log::warn("hypervisor.kvm_unusable",
              {{"reason", tried.error()}, {"using", "qemu"}, {"effect", "guests run slowly"}});
  }
  remember(memory_file, print, to_string(answer));
  return answer;
}

}  // namespace

Result<> try_accelerator(const std::string& accelerator, const ProbeOptions& options) {
  if (accelerator == "kvm" && access("/dev/kvm", R_OK | W_OK) != 0)
    return common::errno_error(errno, "opening /dev/kvm");
  TRY(const auto image, write_boot_sector(options));
  process::Command command{.argv = {options.program, "-nodefaults", "-no-user-config", "-no-reboot",
                                    "-display", "none", "-machine", "pc", "-accel", accelerator,
                                    "-m", "16", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
                                    "-drive", "file=" + image + ",format=raw,if=ide"},
                           .limit = options.limit};
  const auto outcome = process::run(command);
  unlink(image.c_str());
  if (!outcome) return Error(outcome.error()).while_doing("trying a guest under " + accelerator);
  if (outcome.assume_value().exit_code == kExitCodeWhenItRan) return common::ok();
  return Error(Errc::io, "a guest under " + accelerator +
                             " did not start: " + outcome.assume_value().err.substr(0, 300));
}

Result<Virtualization> choose_virtualization(const std::string& setting,
                                             const std::string& memory_file,
                                             const ProbeOptions& options) {
  if (setting == "kvm") return Virtualization::kvm;
  if (setting == "qemu") return Virtualization::qemu;
  if (setting == "xen") return Virtualization::xen;
  if (setting == "auto") return probe(memory_file, options);
  return Error(Errc::invalid_argument,
               "virtualization is auto, kvm, qemu or xen, not \"" + setting + "\"");
}

}  // namespace angophora::nc
