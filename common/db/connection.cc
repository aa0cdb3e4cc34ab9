#include "common/db/connection.h"

#include <fmt/format.h>

namespace angophora::db {
namespace {

constexpr int kBusyTimeoutMs = 5000;
constexpr std::size_t kIdleStatementsMax = 8;  // of one text

DbErrc errc_of(int extended) {
  if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY)
    return DbErrc::unique;
  if (extended == SQLITE_CONSTRAINT_FOREIGNKEY) return DbErrc::foreign_key;
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return DbErrc::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return DbErrc::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return DbErrc::corrupt;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
      return DbErrc::misuse;
    default:
      return DbErrc::io;
  }
}

}  // namespace

std::string translate_types(std::string_view sql) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {"{i64}", "INTEGER"}, {"{text}", "TEXT"}, {"{blob}", "BLOB"}, {"{real}", "REAL"}};
  std::string out(sql);
  for (const auto& [token, type] : kTypes)
    for (auto at = out.find(token); at != out.npos; at = out.find(token, at + type.size()))
      out.replace(at, token.size(), type);
  return out;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, bool read_only) {
  std::unique_ptr<Connection> connection(new Connection);
  const int flags = SQLITE_OPEN_NOMUTEX |
                    (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int opened = sqlite3_open_v2(path.c_str(), &connection->handle_, flags, nullptr);
  if (opened != SQLITE_OK) return connection->last_error("opening the database " + path);
  sqlite3_extended_result_codes(connection->handle_, 1);
  sqlite3_busy_timeout(connection->handle_, kBusyTimeoutMs);
  TRY_VOID(connection->execute("PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF"));
  if (!read_only)
    TRY_VOID(connection->execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000"));
  return connection;
}

Connection::~Connection() {
  for (auto& [sql, statements] : idle_)
    for (auto* statement : statements) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Result<sqlite3_stmt*> Connection::take_statement(std::string_view sql) {
  std::string key(sql);
  if (auto found = idle_.find(key); found != idle_.end() && !found->second.empty()) {
    auto* statement = found->second.back();
    found->second.pop_back();
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  const int prepared = sqlite3_prepare_v3(handle_, key.data(), static_cast<int>(key.size()),
                                          SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (prepared != SQLITE_OK) return last_error("preparing " + key);
  if (!statement) return Error(DbErrc::misuse, "an empty statement");
  return statement;
}

void Connection::give_back(std::string_view sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  auto& idle = idle_[std::string(sql)];
  if (idle.size() < kIdleStatementsMax)
    idle.push_back(statement);
  else
    sqlite3_finalize(statement);
}

Result<> Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return last_error("executing " + sql.substr(0, 80));
  return common::ok();
}

Error Connection::last_error(std::string_view step) const {
  if (!handle_) return Error(DbErrc::io, std::string(step) + ": out of memory");
  return Error(errc_of(sqlite3_extended_errcode(handle_)),
               fmt::format("{}: {}", step, sqlite3_errmsg(handle_)));
}

Result<> Connection::migrate(std::span<const Migration> migrations) {
  std::int64_t version = 0;
  {
    TRY(auto* statement, take_statement("PRAGMA user_version"));
    if (sqlite3_step(statement) == SQLITE_ROW) version = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
  }
  const int newest = migrations.empty() ? 0 : migrations.back().number;
  if (version > newest)
    return Error(DbErrc::newer_schema,
                 fmt::format("the database has schema {}, this program knows {} at most: "
                             "install the newer version again",
                             version, newest));
  for (const auto& migration : migrations) {
    if (migration.number <= version) continue;
    const auto sql = fmt::format("BEGIN IMMEDIATE; {}; PRAGMA user_version={}; COMMIT",
                                 translate_types(migration.sql), migration.number);
    if (auto done = execute(sql); !done) {
      (void)execute("ROLLBACK");
      return std::move(done).assume_error().while_doing(
          fmt::format("migration {} ({})", migration.number, migration.title));
    }
  }
  return common::ok();
}

}  // namespace angophora::db
