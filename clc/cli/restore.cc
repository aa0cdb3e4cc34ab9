#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>

#include "clc/cli/backup_file.h"
#include "clc/cli/commands.h"
#include "clc/cli/files.h"
#include "common/db/copy.h"
#include "common/process/folder_lock.h"
#include "common/registry/files.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;
using common::Result;
namespace fs = std::filesystem;

namespace {

constexpr char kDatabase[] = "clc.sqlite";
constexpr char kStaging[] = ".restoring";
constexpr char kLock[] = "lock";  // process::lock_folder's
constexpr char kKeptWalrusKey[] = "restored-walrus-master-key";
constexpr char kSettings[] = "angophora-clc.toml";

Error failed_at(const std::string& what, const std::error_code& failed) {
  return Error(Errc::io, what + ": " + failed.message());
}

// Everything in a folder but what a restoration left unfinished, and what one put aside.
Result<std::vector<fs::path>> contents(const std::string& folder) {
  std::vector<fs::path> found;
  std::error_code failed;
  if (!fs::exists(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    const auto name = entry.path().filename().string();
    if (name != kStaging && name != kLock && !name.starts_with("before-restore-"))
      found.push_back(entry.path());
  }
  if (failed) return failed_at("reading " + folder, failed);
  return found;
}

Result<> move_into(const std::vector<fs::path>& paths, const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return failed_at("making " + folder.string(), failed);
  for (const auto& path : paths) {
    fs::rename(path, folder / path.filename(), failed);
    if (failed) return failed_at("moving " + path.string(), failed);
  }
  return common::ok();
}

// Keeps the daemon out as well until this program ends.
Result<> check_nobody_runs(const std::string& state_dir) {
  const auto is_running =
      Error(Errc::unavailable, "the cloud controller of " + state_dir +
                                   " is running: stop it first (systemctl stop angophora-clc)");
  const auto locked = process::lock_folder(state_dir);
  if (!locked && locked.error().code == Errc::already_exists) return is_running;
  TRY_VOID(locked);
  const auto open = db::is_open_elsewhere(state_dir + "/" + kDatabase);
  if (!open && open.error().code == Errc::not_found) return common::ok();
  TRY(const bool is_open, open);
  if (is_open) return is_running;
  return common::ok();
}

// Makes room for what is to come.
Result<> clear(const RestoreOptions& options, common::SysTime now) {
  TRY_VOID(check_nobody_runs(options.state_dir));
  TRY(const auto there, contents(options.state_dir));
  std::error_code failed;
  fs::remove_all(options.state_dir + "/" + kStaging, failed);
  if (failed) return failed_at("clearing " + options.state_dir, failed);
  if (there.empty()) return common::ok();
  if (!options.replace)
    return Error(Errc::already_exists,
                 options.state_dir +
                     " holds a cloud controller's state already; with --replace it "
                     "is moved into a folder beside the new one");
  return move_into(there,
                   options.state_dir + "/before-restore-" + common::format_iso8601_basic(now));
}

// Whom the daemon's files belong to: the folder's owner where there was one.
struct FileOwner {
  uid_t uid = 0;
  gid_t gid = 0;
};
std::optional<FileOwner> owner_for(const std::string& state_dir) {
  if (geteuid() != 0) return std::nullopt;
  struct stat found {};
  if (stat(state_dir.c_str(), &found) == 0) return FileOwner{found.st_uid, found.st_gid};
  if (const auto* user = getpwnam("angophora")) return FileOwner{user->pw_uid, user->pw_gid};
  return std::nullopt;
}

Result<> give_to(const std::string& folder, const FileOwner& owner) {
  std::error_code failed;
  if (chown(folder.c_str(), owner.uid, owner.gid) != 0)
    return common::errno_error(errno, "giving " + folder + " to the daemon's user");
  for (const auto& entry : fs::recursive_directory_iterator(folder, failed))
    if (lchown(entry.path().c_str(), owner.uid, owner.gid) != 0)
      return common::errno_error(errno,
                                 "giving " + entry.path().string() + " to the daemon's user");
  if (failed) return failed_at("reading " + folder, failed);
  return common::ok();
}

// The daemon reads it at its next start; see clc/restoration.h.
std::string marker(const Backup& backup, common::SysTime now) {
  const auto ms = [](common::SysTime time) { return time.time_since_epoch().count(); };
  return boost::json::serialize(boost::json::object{{"made_at_ms", ms(backup.cover.made_at)},
                                                    {"restored_at_ms", ms(now)}}) +
         "\n";
}

// The database last: without it the daemon does not start.
Result<> put_in_place(const std::string& staging, const std::string& state_dir) {
  std::error_code failed;
  std::vector<fs::path> rest;
  for (const auto& entry : fs::directory_iterator(staging, failed))
    if (entry.path().filename() != kDatabase) rest.push_back(entry.path());
  if (failed) return failed_at("reading " + staging, failed);
  TRY_VOID(move_into(rest, state_dir));
  TRY_VOID(move_into({fs::path(staging) / kDatabase}, state_dir));
  fs::remove_all(staging, failed);
  return common::ok();
}

// What became of Walrus' master key.
enum class WalrusKey { not_in_backup, there_already, put, kept_here };

// It goes where Walrus looks for it, unless there is another one, or no Walrus: a key may open what
// is there. Then it stays in the staging folder, under a name that nobody reads.
Result<WalrusKey> place_walrus_key(const std::string& staging, const std::string& target) {
  const auto from = staging + "/" + kWalrusKeyInBackup;
  if (!fs::exists(from)) return WalrusKey::not_in_backup;
  const auto folder = fs::path(target).parent_path().string();
  TRY(const auto key, read_file(from));
  auto outcome = WalrusKey::kept_here;
  if (fs::exists(target)) {
    TRY(const auto present, read_file(target));
    if (present == key) outcome = WalrusKey::there_already;
  } else if (fs::is_directory(folder)) {
    TRY_VOID(registry::write_file(target, key));
    if (const auto owner = owner_for(folder))
      if (chown(target.c_str(), owner->uid, owner->gid) != 0)
        return common::errno_error(errno, "giving " + target + " to the daemon's user");
    outcome = WalrusKey::put;
  }
  std::error_code failed;
  if (outcome == WalrusKey::kept_here) fs::rename(from, staging + "/" + kKeptWalrusKey, failed);
  if (!failed) fs::remove_all(fs::path(from).parent_path(), failed);
  if (failed) return failed_at("placing " + std::string(kKeptWalrusKey), failed);
  return outcome;
}

struct Restored {
  Backup backup;
  WalrusKey walrus_key = WalrusKey::not_in_backup;
};

Result<Restored> restore(const RestoreOptions& options, common::SysTime now) {
  TRY(const auto passphrase, read_passphrase(options.passphrase_file));
  Restored restored;
  auto& backup = restored.backup;
  TRY(backup, read_backup(options.file, passphrase));  // all of it is sound
  if (options.check_only) return restored;
  if (now < backup.cover.made_at)
    return Error(Errc::invalid_argument,
                 "the clock says " + common::format_iso8601(now) + ", and the backup was made at " +
                     common::format_iso8601(backup.cover.made_at) + ": set the clock first");
  const auto owner = owner_for(options.state_dir);
  TRY_VOID(registry::make_folder(options.state_dir));
  TRY_VOID(clear(options, now));
  const auto staging = options.state_dir + "/" + kStaging;
  TRY_VOID(registry::make_folder(staging));
  TRY_VOID(read_backup(options.file, passphrase, staging));
  TRY(restored.walrus_key, place_walrus_key(staging, options.walrus_key));
  std::error_code failed;
  fs::permissions(staging + "/keys", fs::perms::owner_all, failed);
  if (failed) return failed_at("closing the keys to others", failed);
  const auto settings = staging + "/" + kSettings;
  if (fs::exists(settings)) fs::rename(settings, staging + "/restored-settings.toml", failed);
  if (failed) return failed_at("putting the settings aside", failed);
  TRY_VOID(registry::write_file(staging + "/restored.json", marker(backup, now)));
  if (owner) TRY_VOID(give_to(staging, *owner));
  TRY_VOID(put_in_place(staging, options.state_dir));
  if (!owner) return restored;
  for (const auto& path : {options.state_dir, options.state_dir + "/" + kLock})
    if (chown(path.c_str(), owner->uid, owner->gid) != 0)
      return common::errno_error(errno, "giving " + path + " to the daemon's user");
  return restored;
}

}  // namespace

Task<> restore_cloud(common::Runtime& runtime, RestoreOptions options) {
  const auto now = runtime.now();
  auto work = [options, now] { return restore(options, now); };
  CO_TRY(const auto restored, co_await runtime.run_blocking(std::move(work)));
  const auto& backup = restored.backup;
  const auto made_at = common::format_iso8601(backup.cover.made_at);
  std::printf("%s: made at %s by version %s, %zu files, whole\n", options.file.c_str(),
              made_at.c_str(), backup.cover.version.c_str(), backup.entries.size());
  if (options.check_only) co_return common::ok();
  std::printf("%s is as it was then. Next:\n", options.state_dir.c_str());
  const auto settings = options.state_dir + "/restored-settings.toml";
  if (fs::exists(settings))
    std::printf("  compare %s with /etc/angophora/angophora-clc.toml\n", settings.c_str());
  if (restored.walrus_key == WalrusKey::put)
    std::printf("  Walrus' master key is at %s again\n", options.walrus_key.c_str());
  if (restored.walrus_key == WalrusKey::kept_here)
    std::printf(
        "  Walrus' master key is %s/%s: where Walrus was lost too, put it on its machine as %s\n",
        options.state_dir.c_str(), kKeptWalrusKey, options.walrus_key.c_str());
  std::printf(
      "  start the cloud controller under the name or address that it had\n"
      "  revoke again what was revoked since (keys, certificates, components)\n"
      "  angophora status names what the cloud no longer knows\n");
  co_return common::ok();
}

}  // namespace angophora::clc::cli
