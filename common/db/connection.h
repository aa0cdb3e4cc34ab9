// One SQLite connection with its cache of prepared statements. Used by one thread at a time.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/db/database.h"

namespace angophora::db {

class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const std::string& path, bool read_only);
  ~Connection();
  Connection(const Connection&) = delete;

  Result<sqlite3_stmt*> take_statement(std::string_view sql);
  void give_back(std::string_view sql, sqlite3_stmt* statement);
  Result<> execute(const std::string& sql);
  // What SQLite said last, as an Error about `step`.
  Error last_error(std::string_view step) const;
  // SQLite itself ends a transaction that meets a full disk or the like.
  bool in_transaction() const { return !sqlite3_get_autocommit(handle_); }
  std::int64_t changes() const { return sqlite3_changes64(handle_); }

  Result<> migrate(std::span<const Migration> migrations);

 private:
  Connection() = default;
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, std::vector<sqlite3_stmt*>> idle_;
};

// Replaces {i64} and the like by SQLite's type names.
std::string translate_types(std::string_view sql);

}  // namespace angophora::db
