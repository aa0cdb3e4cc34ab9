#include "nc/instances/host_facts.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace angophora::nc {

using common::Errc;
using common::errno_error;
using common::Error;
using common::Result;

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMib = 1ull << 20;
constexpr std::uint64_t kGib = 1ull << 30;

// What is left, never below zero.
std::uint64_t less(std::uint64_t all, std::uint64_t reserve) {
  return all > reserve ? all - reserve : 0;
}

std::uint64_t bytes_taken_in(const std::string& dir) {
  std::uint64_t sum = 0;
  std::error_code failed;
  // What goes away while we count takes no room; a range-for would throw.
  fs::recursive_directory_iterator file(dir, failed);
  while (!failed && file != fs::recursive_directory_iterator()) {
    struct stat info {};
    if (lstat(file->path().c_str(), &info) == 0)
      sum += static_cast<std::uint64_t>(info.st_blocks) * 512;
    file.increment(failed);
  }
  return sum;
}

Result<std::uint64_t> disk_gib_for_guests(const std::vector<std::string>& dirs,
                                          std::uint64_t reserve_mib) {
  struct statvfs info {};
  const auto& first = dirs.front();
  if (statvfs(first.c_str(), &info) < 0) return errno_error(errno, "looking at " + first);
  auto all = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  for (const auto& dir : dirs) all += bytes_taken_in(dir);
  return (all - std::min(reserve_mib * kMib, all / 2)) / kGib;
}

}  // namespace

Result<HostFacts> read_host_facts(const std::vector<std::string>& dirs, const HostLimits& limits) {
  HostFacts facts;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> facts.boot_id;
  if (facts.boot_id.empty()) return Error(Errc::io, "cannot read the host's boot id");
  struct sysinfo memory {};
  if (sysinfo(&memory) < 0) return errno_error(errno, "asking for the memory");
  const auto memory_mib = static_cast<std::uint64_t>(memory.totalram) * memory.mem_unit / kMib;
  facts.total.vcpus =
      limits.vcpus > 0 ? limits.vcpus : static_cast<std::uint64_t>(std::max(1, get_nprocs()));
  facts.total.memory_mib =
      limits.memory_mib > 0 ? limits.memory_mib : less(memory_mib, limits.memory_reserve_mib);
  facts.total.disk_gib = limits.disk_gib;
  if (limits.disk_gib > 0) return facts;
  facts.disk_gib = [dirs, reserve = limits.disk_reserve_mib] {
    return disk_gib_for_guests(dirs, reserve);
  };
  TRY(facts.total.disk_gib, facts.disk_gib());
  return facts;
}

Result<> check_way(const std::string& user, const std::string& dir) {
  const auto* account = getpwnam(user.c_str());
  if (!account) return Error(Errc::not_found, "there is no user " + user + " on this host");
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (getgrouplist(user.c_str(), account->pw_gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    getgrouplist(user.c_str(), account->pw_gid, groups.data(), &count);
  }
  groups.resize(static_cast<std::size_t>(count));
  fs::path folder;
  for (const auto& name : fs::path(dir)) {
    folder /= name;
    struct stat info {};
    if (stat(folder.c_str(), &info) < 0) return errno_error(errno, "looking at " + folder.string());
    const bool in_group = std::find(groups.begin(), groups.end(), info.st_gid) != groups.end();
    const mode_t bit = info.st_uid == account->pw_uid ? S_IXUSR : in_group ? S_IXGRP : S_IXOTH;
    if (account->pw_uid == 0 || (info.st_mode & bit)) continue;
    return Error(Errc::permission_denied, user + ", as whom guests run, may not pass " +
                                              folder.string() + ": chmod o+x " + folder.string() +
                                              ", or put state_dir elsewhere");
  }
  return common::ok();
}

}  // namespace angophora::nc
