#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "clc/cli/backup_file.h"
#include "clc/cli/commands.h"
#include "clc/cli/files.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"
#include "common/db/copy.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;
using common::Result;
namespace fs = std::filesystem;

Result<std::string> read_passphrase(const std::string& file) {
  if (file.empty()) return std::string();
  TRY(auto text, read_file(file == "-" ? "/dev/stdin" : file, 4096));
  text = text.substr(0, text.find('\n'));
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) return Error(Errc::invalid_argument, "the passphrase in " + file + " is empty");
  return text;
}

namespace {

constexpr char kDatabase[] = "clc.sqlite";
// Without one of these there is nothing to go on with.
constexpr const char* kNeeded[] = {"administrator.json",  "keys/signing.key",    "keys/signing.crt",
                                   "keys/encryption.key", "keys/encryption.crt", "keys/image.key",
                                   "keys/image.crt",      "keys/secret",         "keys/masters"};

// The small files of the state: names below the folder, digests.
Result<std::map<std::string, std::string>> small_files(const std::string& state_dir) {
  std::map<std::string, std::string> files;
  const auto add = [&](const std::string& name) -> Result<> {
    TRY(const auto text, read_file(state_dir + "/" + name));
    files[name] = crypto::sha256_hex(text);
    return common::ok();
  };
  for (const auto* name : kNeeded) {
    const auto added = add(name);
    if (!added)
      return Error(added.error().code, std::string("the cloud controller has not made its keys, or "
                                                   "they may not be read: ") +
                                           added.error().message);
  }
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(state_dir + "/keys", failed)) {
    const auto name = "keys/" + entry.path().filename().string();
    // What a writer left half done is no key.
    const bool is_key = name.ends_with(".key") || name.ends_with(".crt") || name == "keys/secret" ||
                        name == "keys/masters";
    if (entry.is_regular_file() && is_key) TRY_VOID(add(name));
  }
  if (failed) return Error(Errc::io, "reading " + state_dir + "/keys: " + failed.message());
  return files;
}

// The database between two looks at the files, which are the same: one moment for all.
Result<std::vector<BackupSource>> collect(const std::string& state_dir, const std::string& scratch,
                                          const BackupOptions& options) {
  constexpr int kTries = 3;
  for (int i = 0;; ++i) {
    const auto copy = scratch + "/" + kDatabase;
    std::error_code ignored;
    fs::remove(copy, ignored);
    TRY(const auto before, small_files(state_dir));
    TRY_VOID(db::copy_database(state_dir + "/" + kDatabase, copy));
    TRY(const auto after, small_files(state_dir));
    if (before != after && i + 1 < kTries) continue;
    if (before != after) return Error(Errc::unavailable, "the cloud's keys change all the time");
    std::vector<BackupSource> sources = {{kDatabase, copy}};
    for (const auto& [name, digest] : before) sources.push_back({name, state_dir + "/" + name});
    if (fs::exists(options.settings_file))
      sources.push_back({"angophora-clc.toml", options.settings_file});
    // It never changes once it is there.
    if (fs::exists(options.walrus_key)) sources.push_back({kWalrusKeyInBackup, options.walrus_key});
    return sources;
  }
}

}  // namespace

Task<> backup_cloud(common::Runtime& runtime, BackupOptions options) {
  auto work = [&runtime, options]() -> Result<Backup> {
    TRY(const auto passphrase, read_passphrase(options.passphrase_file));
    // The copy holds secrets: it stays beside the backup, in a folder of its own, for a moment.
    const auto folder = fs::absolute(options.file).parent_path().string();
    TRY(const auto scratch, TemporaryDir::make(folder));
    TRY(const auto sources, collect(options.state_dir, scratch.path(), options));
    BackupCover cover{runtime.now(), options.version, false};
    return write_backup(options.file, sources, cover, passphrase,
                        [&runtime](std::size_t count) { return runtime.random_bytes(count); });
  };
  CO_TRY(const auto backup, co_await runtime.run_blocking(std::move(work)));
  std::uint64_t bytes = 0;
  bool has_walrus_key = false;
  for (const auto& entry : backup.entries) {
    bytes += entry.bytes;
    has_walrus_key = has_walrus_key || entry.name == kWalrusKeyInBackup;
  }
  std::printf("%s: %zu files, %llu bytes%s\n", options.file.c_str(), backup.entries.size(),
              static_cast<unsigned long long>(bytes),
              backup.cover.encrypted ? ", encrypted" : ", not encrypted: keep it as you keep keys");
  if (!has_walrus_key)
    std::printf(
        "without Walrus' master key, as %s is not there: fetch it from Walrus' machine and name it "
        "with --walrus-key\n",
        options.walrus_key.c_str());
  co_return common::ok();
}

}  // namespace angophora::clc::cli
