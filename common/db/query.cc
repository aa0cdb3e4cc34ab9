#include "common/db/connection.h"

namespace angophora::db {

Query::Query(Connection& connection, sqlite3_stmt* statement, std::string_view sql)
    : connection_(&connection), statement_(statement), sql_(sql) {}

Query::Query(Query&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      sql_(std::move(other.sql_)),
      failure_(std::move(other.failure_)) {}

Query::~Query() {
  if (statement_) connection_->give_back(sql_, statement_);
}

namespace {
// Statements live for one call of `f`, in which the bound text lives too; but a temporary may not,
// so SQLite keeps its own copy.
void note(Result<>& failure, int code, Connection& connection, int index) {
  if (code != SQLITE_OK && failure)
    failure = connection.last_error("binding value " + std::to_string(index));
}
}  // namespace

Query& Query::bind(int index, std::string_view text) {
  const char* data = text.data() ? text.data() : "";
  note(failure_,
       sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8),
       *connection_, index);
  return *this;
}

Query& Query::bind(int index, std::int64_t number) {
  note(failure_, sqlite3_bind_int64(statement_, index, number), *connection_, index);
  return *this;
}

Query& Query::bind(int index, double number) {
  note(failure_, sqlite3_bind_double(statement_, index, number), *connection_, index);
  return *this;
}

Query& Query::bind(int index, std::nullptr_t) {
  note(failure_, sqlite3_bind_null(statement_, index), *connection_, index);
  return *this;
}

Query& Query::bind_blob(int index, std::string_view bytes) {
  const char* data = bytes.data() ? bytes.data() : "";
  note(failure_, sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_TRANSIENT),
       *connection_, index);
  return *this;
}

Result<bool> Query::step() {
  if (!failure_) return failure_.error();
  switch (sqlite3_step(statement_)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return connection_->last_error("running " + sql_.substr(0, 80));
  }
}

Result<std::int64_t> Query::run() {
  for (;;) {
    TRY(const bool row, step());
    if (!row) return connection_->changes();
  }
}

void Query::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Query::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Query::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Query::text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return data
             ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
             : std::string();
}

Result<Query> Tx::prepare(std::string_view sql) {
  TRY(auto* statement, connection_.take_statement(sql));
  return Query(connection_, statement, sql);
}

Result<> Tx::execute(std::string_view sql) { return connection_.execute(std::string(sql)); }

}  // namespace angophora::db
