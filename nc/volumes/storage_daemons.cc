#include "nc/volumes/storage_daemons.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "common/log/log.h"
#include "common/process/helper.h"

namespace angophora::nc {

using common::Errc;
using common::errno_error;
using common::Error;
using common::Result;
using common::Task;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr char kProgram[] = "qemu-storage-daemon";

// Where the files of one client lie. Pure.
struct Files {
  Files(const std::string& run_dir, const VolumeClientId& id)
      : parent(run_dir + "/" + id.instance.value), dir(parent + "/" + id.volume.value) {}
  std::string socket() const { return dir + "/nbd.sock"; }
  std::string monitor() const { return dir + "/qmp.sock"; }
  std::string keys() const { return dir + "/keys.psk"; }
  std::string pid() const { return dir + "/pid"; }
  std::string log() const { return dir + "/log"; }
  std::string parent, dir;
};

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "it says nothing";
  const auto begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1, end - begin);
}

// A process by its number and when it was started: numbers are used again.
struct Process {
  pid_t pid = 0;
  std::string started;
};

// Field 22 of /proc/PID/stat; empty when there is no such process, or only its shell is left.
std::string start_of(pid_t pid) {
  const auto stat = read_text("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= 22 && fields >> field; ++i)
    if (i == 3 && (field == "Z" || field == "X")) return "";
  return field;
}

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};

Result<User> find_user(const std::string& name) {
  if (name.empty()) return User{getuid(), getgid()};
  const auto* found = getpwnam(name.c_str());
  if (!found) return Error(Errc::not_found, "there is no user " + name + " on this host");
  return User{found->pw_uid, found->pw_gid};
}

Result<> make_dir(const std::string& path, mode_t mode, const User& user) {
  if (mkdir(path.c_str(), mode) < 0 && errno != EEXIST) return errno_error(errno, "making " + path);
  if (chown(path.c_str(), user.uid, user.gid) < 0 || chmod(path.c_str(), mode) < 0)
    return errno_error(errno, "preparing " + path);
  return common::ok();
}

Result<> write_key(const std::string& path, const std::string& text, const User& user) {
  if (read_text(path) == text) return common::ok();
  const auto fresh = path + ".new";
  unlink(fresh.c_str());
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno_error(errno, "creating " + fresh);
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool owned = fchown(fd, user.uid, user.gid) == 0;
  close(fd);
  if (!written || !owned || rename(fresh.c_str(), path.c_str()) < 0)
    return Error(Errc::io, path + " cannot be written");
  return common::ok();
}

// Scopes and their names are systemd's; the program itself takes the user's place.
std::vector<std::string> launcher(const StorageDaemonOptions& options, const VolumeClientId& id,
                                  const User& user) {
  std::vector<std::string> words;
  if (options.scopes)
    words = {"systemd-run", "--quiet", "--scope", "--collect",
             "--unit=angophora-volume-" + id.instance.value + "-" + id.volume.value + ".scope"};
  if (user.uid != getuid())
    for (const auto& word : {std::string("setpriv"), "--reuid=" + std::to_string(user.uid),
                             "--regid=" + std::to_string(user.gid), std::string("--clear-groups")})
      words.push_back(word);
  return words;
}

// The argument by which a daemon is found, whatever is behind it.
std::string mark_of(const Files& files) {
  return "addr.type=unix,addr.path=" + files.socket() + ",max-connections=0";
}

std::vector<std::string> command(const Files& files, std::vector<std::string> behind) {
  std::vector<std::string> argv = {
      kProgram, "--chardev", "socket,id=monitor,path=" + files.monitor() + ",server=on,wait=off",
      "--monitor", "chardev=monitor"};
  argv.insert(argv.end(), behind.begin(), behind.end());
  for (const auto& word :
       {std::string("--nbd-server"), mark_of(files), std::string("--export"),
        std::string("type=nbd,id=guest,node-name=volume,writable=on,name=") + kLocalExport,
        std::string("--pidfile"), files.pid()})
    argv.push_back(word);
  return argv;
}

std::vector<std::string> to_storage(const Files& files, const VolumeExport& exported,
                                    std::chrono::seconds reconnect) {
  return {
      "--object",
      "tls-creds-psk,id=key,endpoint=client,dir=" + files.dir + ",username=" + exported.username,
      "--blockdev",
      "driver=nbd,node-name=volume,server.type=inet,server.host=" + exported.host +
          ",server.port=" + std::to_string(exported.port) + ",export=" + exported.name +
          ",tls-creds=key,discard=unmap,reconnect-delay=" + std::to_string(reconnect.count())};
}

std::vector<std::string> to_nothing(std::uint64_t size_bytes) {
  return {"--blockdev",
          "driver=null-co,node-name=volume,read-zeroes=on,size=" + std::to_string(size_bytes)};
}

}  // namespace

struct StorageDaemons::Shared {
  explicit Shared(StorageDaemonOptions o) : options(std::move(o)) {}

  process::Helper helper(const VolumeClientId& id, std::vector<std::string> behind,
                         const User& user) const {
    const Files files(options.run_dir, id);
    process::HelperOptions how;
    how.launcher = launcher(options, id, user);
    how.user = user.uid;
    how.mark = mark_of(files);
    return process::Helper(command(files, std::move(behind)), files.log(), std::move(how));
  }

  // Runs `behind` for the guest: what runs already with the same settings stays.
  Result<> run(const VolumeClientId& id, std::vector<std::string> behind, const User& user) {
    const Files files(options.run_dir, id);
    auto daemon = helper(id, std::move(behind), user);
    // A start that a kill of ours cut short has not written its number; it is done with.
    if (!fs::exists(files.pid())) TRY_VOID(daemon.stop());
    TRY(const bool started, daemon.ensure());
    if (started) TRY_VOID(wait_until_it_serves(files, daemon));
    const auto found = daemon.find();
    if (found.empty()) return Error(Errc::unavailable, last_line(read_text(files.log())));
    if (chown(files.socket().c_str(), user.uid, getgid()) < 0 ||
        chmod(files.socket().c_str(), 0660) < 0)
      return errno_error(errno, "opening " + files.socket() + " to the guest");
    const std::lock_guard lock(mutex);
    running[id] = {found.front(), start_of(found.front())};
    if (started)
      log::info("volume.client_started", {{"volume", id.volume}, {"pid", found.front()}});
    return common::ok();
  }

  // Its number is written when the storage has answered and the socket is there.
  Result<> wait_until_it_serves(const Files& files, process::Helper& daemon) const {
    for (auto left = options.start_limit; left > 0ms; left -= 10ms) {
      const auto noted = read_text(files.pid());
      const auto found = noted.empty() ? std::vector<pid_t>() : daemon.find();
      if (!found.empty() && noted == std::to_string(found.front()) + "\n") return common::ok();
      if (daemon.ended_within(10ms))
        return Error(Errc::unavailable,
                     std::string(kProgram) + " ended: " + last_line(read_text(files.log())));
    }
    (void)daemon.stop(100ms);
    return Error(Errc::unavailable, "the storage does not answer");
  }

  // A folder without the traces of a daemon that has ended.
  Result<> prepare(const VolumeClientId& id, const User& user) {
    const Files files(options.run_dir, id);
    std::error_code failed;
    fs::create_directories(options.run_dir, failed);
    if (failed) return Error(Errc::io, "making " + options.run_dir + ": " + failed.message());
    chmod(options.run_dir.c_str(), 0711);
    TRY_VOID(make_dir(files.parent, 0711, User{getuid(), getgid()}));
    // Our own group gets through, for a QEMU that runs under our user without its privileges.
    TRY_VOID(make_dir(files.dir, 0710, User{user.uid, getgid()}));
    auto any = helper(id, {}, user);
    if (any.find().empty())
      for (const auto& path : {files.pid(), files.log()}) unlink(path.c_str());
    return common::ok();
  }

  Result<> ensure(const VolumeClientId& id, const VolumeExport& exported) {
    TRY(const auto user, find_user(options.user));
    TRY_VOID(prepare(id, user));
    const Files files(options.run_dir, id);
    TRY_VOID(write_key(files.keys(), exported.username + ":" + exported.key_hex + "\n", user));
    return run(id, to_storage(files, exported, options.reconnect), user);
  }

  Result<> cut_off(const VolumeClientId& id, std::uint64_t size_bytes) {
    TRY(const auto user, find_user(options.user));
    TRY_VOID(prepare(id, user));
    const Files files(options.run_dir, id);
    auto wanted = to_nothing(size_bytes);
    // What leads to the storage ends first, whether or not its successor can be started.
    if (read_text(files.keys()).size() > 0) {
      TRY_VOID(helper(id, {}, user).stop());
      for (const auto& path : {files.keys(), files.pid(), files.log()}) unlink(path.c_str());
    }
    return run(id, std::move(wanted), user);
  }

  Result<> stop(const VolumeClientId& id) {
    TRY(const auto user, find_user(options.user));
    const Files files(options.run_dir, id);
    {
      // From here on its end is no news.
      const std::lock_guard lock(mutex);
      running.erase(id);
    }
    TRY_VOID(helper(id, {}, user).stop());
    std::error_code failed;
    fs::remove_all(files.dir, failed);
    if (failed) return Error(Errc::io, "removing " + files.dir + ": " + failed.message());
    rmdir(files.parent.c_str());  // when it was the last one
    return common::ok();
  }

  Result<std::vector<VolumeClientId>> ended() {
    const std::lock_guard lock(mutex);
    std::vector<VolumeClientId> gone;
    for (const auto& [id, process] : running)
      if (start_of(process.pid) != process.started || process.started.empty()) gone.push_back(id);
    return gone;
  }

  Result<std::vector<VolumeClientId>> list() const {
    std::vector<VolumeClientId> all;
    std::error_code none;
    for (const auto& instance : fs::directory_iterator(options.run_dir, none))
      for (const auto& volume : fs::directory_iterator(instance.path(), none))
        all.emplace_back(InstanceId(instance.path().filename().string()),
                         VolumeId(volume.path().filename().string()));
    return all;
  }

  const StorageDaemonOptions options;
  std::mutex mutex;
  std::map<VolumeClientId, Process> running;
};

Result<> purge_storage_daemons(const StorageDaemonOptions& options) {
  StorageDaemons::Shared shared(options);
  TRY(const auto all, shared.list());
  for (const auto& id : all) TRY_VOID(shared.stop(id));
  std::error_code failed;
  fs::remove_all(options.run_dir, failed);
  if (failed) return Error(Errc::io, "removing " + options.run_dir + ": " + failed.message());
  return common::ok();
}

StorageDaemons::StorageDaemons(common::Runtime& runtime, StorageDaemonOptions options)
    : runtime_(runtime), shared_(std::make_shared<Shared>(std::move(options))) {}
StorageDaemons::~StorageDaemons() = default;

Task<> StorageDaemons::ensure(VolumeClientId id, VolumeExport exported) {
  auto work = [shared = shared_, id, exported] { return shared->ensure(id, exported); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<> StorageDaemons::cut_off(VolumeClientId id, std::uint64_t size_bytes) {
  auto work = [shared = shared_, id, size_bytes] { return shared->cut_off(id, size_bytes); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<> StorageDaemons::stop(VolumeClientId id) {
  auto work = [shared = shared_, id] { return shared->stop(id); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<std::vector<VolumeClientId>> StorageDaemons::ended() {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->running.empty()) co_return std::vector<VolumeClientId>();
  }
  auto work = [shared = shared_] { return shared->ended(); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<std::vector<VolumeClientId>> StorageDaemons::list() {
  auto work = [shared = shared_] { return shared->list(); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

std::string StorageDaemons::socket_of(const VolumeClientId& id) const {
  return Files(shared_->options.run_dir, id).socket();
}

}  // namespace angophora::nc
