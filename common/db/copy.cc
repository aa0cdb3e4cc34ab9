#include "common/db/copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/give_back.h"
#include "common/db/connection.h"

namespace angophora::db {
namespace {

using common::Errc;

using Handle = std::unique_ptr<sqlite3, common::GiveBack<sqlite3_close>>;

Error failure(sqlite3* handle, const std::string& step) {
  return Error(sqlite3_errcode(handle) == SQLITE_CORRUPT ? DbErrc::corrupt : DbErrc::io,
               step + ": " + (handle ? sqlite3_errmsg(handle) : "out of memory"));
}

Result<Handle> open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(raw);
  if (opened != SQLITE_OK) return failure(raw, "opening the database " + path);
  sqlite3_busy_timeout(raw, 5000);
  return handle;
}

// SQLite would make it readable for others.
Result<> make_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return common::errno_error(errno, "making " + path);
  ::close(fd);
  return common::ok();
}

Result<> run(sqlite3* handle, const char* sql, const std::string& step) {
  if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return common::ok();
  return failure(handle, step);
}

Result<> check(sqlite3* handle, const std::string& path) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &raw, nullptr) != SQLITE_OK)
    return failure(handle, "checking " + path);
  std::unique_ptr<sqlite3_stmt, common::GiveBack<sqlite3_finalize>> statement(raw);
  if (sqlite3_step(raw) != SQLITE_ROW) return failure(handle, "checking " + path);
  const std::string said = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
  if (said == "ok") return common::ok();
  return Error(DbErrc::corrupt, "the database " + path + " is damaged: " + said);
}

}  // namespace

// All pages in one step: a reader of a WAL sees one moment, however many write meanwhile.
Result<> copy_database(const std::string& from, const std::string& to) {
  TRY(const auto source, open(from, SQLITE_OPEN_READONLY));
  TRY_VOID(make_private_file(to));
  TRY(const auto target, open(to, SQLITE_OPEN_READWRITE));
  auto* backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
  if (!backup) return failure(target.get(), "copying the database " + from);
  const int copied = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (copied != SQLITE_DONE)
    return failure(copied == SQLITE_BUSY || copied == SQLITE_LOCKED ? source.get() : target.get(),
                   "copying the database " + from);
  // The copy says of itself that it has a WAL; it is to be one file.
  TRY_VOID(run(target.get(), "PRAGMA journal_mode=DELETE", "closing the copy " + to));
  return check(target.get(), to);
}

Result<> scrub_database(const std::string& path) {
  TRY(const auto handle, open(path, SQLITE_OPEN_READWRITE));
  TRY_VOID(run(handle.get(), "VACUUM", "writing " + path + " anew"));
  return run(handle.get(), "PRAGMA wal_checkpoint(TRUNCATE)", "emptying the log of " + path);
}

// In WAL mode only a connection that is alone may leave it.
Result<bool> is_open_elsewhere(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return Error(Errc::not_found, "there is no " + path);
    return common::errno_error(errno, "looking at " + path);
  }
  TRY(const auto handle, open(path, SQLITE_OPEN_READWRITE));
  sqlite3_busy_timeout(handle.get(), 0);
  if (sqlite3_exec(handle.get(), "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr) ==
      SQLITE_OK)
    return false;
  if (sqlite3_errcode(handle.get()) == SQLITE_BUSY) return true;
  return failure(handle.get(), "opening " + path);
}

}  // namespace angophora::db
