#include "nc/instances/records.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/log/log.h"
#include "nc/instances/record_json.h"

namespace angophora::nc {

using common::Errc;
using common::errno_error;
using common::Error;
using common::Result;
using common::Task;

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kSuffix = ".json";

Result<> sync_dir(const std::string& dir) {
  const int fd = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "opening " + dir);
  const int failed = fsync(fd) < 0 ? errno : 0;
  close(fd);
  if (failed) return errno_error(failed, "syncing " + dir);
  return common::ok();
}

Result<> write_synced(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return errno_error(errno, "creating " + path);
  std::size_t done = 0;
  int failed = 0;
  while (done < text.size() && !failed) {
    const auto written = write(fd, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      failed = errno;
    else
      done += static_cast<std::size_t>(written);
  }
  if (!failed && fsync(fd) < 0) failed = errno;
  close(fd);
  if (failed) return errno_error(failed, "writing " + path);
  return common::ok();
}

Result<InstanceRecord> read_record(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return Error(Errc::io, "cannot read " + path);
  return record_from_json(text.str());
}

Result<LoadedRecords> load_all(const std::string& dir) {
  std::error_code failed;
  fs::create_directories(dir, failed);
  LoadedRecords loaded;
  for (const auto& file : fs::directory_iterator(dir, failed)) {
    const auto name = file.path().filename().string();
    if (!name.ends_with(kSuffix)) continue;
    auto record = read_record(file.path().string());
    if (record) {
      loaded.records.push_back(std::move(record).assume_value());
      continue;
    }
    log::error("record.unreadable", {{"file", file.path().string()}, {"reason", record.error()}});
    loaded.unreadable.insert(InstanceId(name.substr(0, name.size() - kSuffix.size())));
  }
  if (failed) return Error(Errc::io, "reading " + dir + ": " + failed.message());
  return loaded;
}

}  // namespace

struct FileRecords::Shared {
  explicit Shared(std::string d) : dir(std::move(d)) {}

  std::string path_of(const InstanceId& id) const {
    return dir + "/" + id.value + std::string(kSuffix);
  }
  // Saves of one instance may overtake each other on the pool, so the sequence decides.
  Result<> save(const InstanceRecord& record) {
    std::lock_guard lock(mutex);
    const auto& id = record.spec.id;
    if (const auto it = saved.find(id); it != saved.end() && it->second > record.sequence)
      return common::ok();
    const auto path = path_of(id);
    const auto fresh = path + ".new";
    TRY_VOID(write_synced(fresh, to_json(record)));
    if (rename(fresh.c_str(), path.c_str()) < 0) return errno_error(errno, "naming " + path);
    TRY_VOID(sync_dir(dir));
    saved[id] = record.sequence;
    return common::ok();
  }
  Result<> remove(const InstanceId& id, std::uint64_t sequence) {
    std::lock_guard lock(mutex);
    if (const auto it = saved.find(id); it != saved.end() && it->second > sequence)
      return common::ok();
    const auto path = path_of(id);
    if (unlink(path.c_str()) < 0 && errno != ENOENT) return errno_error(errno, "removing " + path);
    saved.erase(id);
    return common::ok();
  }

  const std::string dir;
  std::mutex mutex;
  std::map<InstanceId, std::uint64_t> saved;
};

FileRecords::FileRecords(common::Runtime& runtime, std::string dir)
    : runtime_(runtime), shared_(std::make_shared<Shared>(std::move(dir))) {}

Task<LoadedRecords> FileRecords::load() {
  auto work = [dir = shared_->dir] { return load_all(dir); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<> FileRecords::save(InstanceRecord record) {
  auto work = [shared = shared_, record = std::move(record)] { return shared->save(record); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

Task<> FileRecords::remove(InstanceId id, std::uint64_t sequence) {
  auto work = [shared = shared_, id, sequence] { return shared->remove(id, sequence); };
  co_return co_await runtime_.run_blocking(std::move(work));
}

}  // namespace angophora::nc
