// A daemon's durable state: SQLite in WAL mode, one writer with group commit, readers of their own.
//
//   CO_TRY(auto row, co_await db.write([=](Tx& tx) { return Instances(tx).insert(row); }));
//   CO_TRY(auto rows, co_await db.read([=](Tx& tx) { return Instances(tx).list(account); }));
//
// Threads:   write() and read() are called on the I/O thread; `f` runs on the writer's or a
//            reader's thread and must not touch the daemon's state in memory.
// Durability: when write() has returned success its changes are on disk (synchronous=FULL). A
//            failed `f` changes nothing and does not undo its neighbours in the group.
// Errors:    what `f` returned; DbErrc for what SQLite could not do.
// In a simulation (Options::inline_io) everything runs at once on the calling thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/base/id.h"
#include "common/base/result.h"
#include "common/runtime/runtime.h"

struct sqlite3;
struct sqlite3_stmt;

namespace angophora::db {

using common::Error;
using common::Result;
using common::Task;

enum class DbErrc { io = 1, full, busy, unique, foreign_key, corrupt, misuse, newer_schema };
std::string_view to_string(DbErrc e);

// A released migration is never edited; types are tokens that every driver translates:
// {i64} {text} {blob} {real}.
struct Migration {
  int number;  // 1, 2, 3 ...
  const char* title;
  const char* sql;
};

class Connection;

// A prepared statement on its way. bind() counts from 1; step() is true when there is a row, whose
// columns count from 0. Statements are cached per connection and go back on destruction.
class Query {
 public:
  Query(Query&&) noexcept;
  ~Query();
  Query& bind(int index, std::string_view text);
  Query& bind(int index, const char* text) { return bind(index, std::string_view(text)); }
  Query& bind(int index, const std::string& text) { return bind(index, std::string_view(text)); }
  Query& bind(int index, std::int64_t number);
  template <class Integer>
  requires(std::is_integral_v<Integer> &&
           !std::is_same_v<Integer, std::int64_t>) Query& bind(int index, Integer number) {
    return bind(index, static_cast<std::int64_t>(number));
  }
  Query& bind(int index, double number);
  Query& bind(int index, std::nullptr_t);
  Query& bind_blob(int index, std::string_view bytes);
  template <class Tag>
  Query& bind(int index, const common::Id<Tag>& id) {
    return bind(index, std::string_view(id.value));
  }
  template <class T>
  Query& bind(int index, const std::optional<T>& value) {
    return value ? bind(index, *value) : bind(index, nullptr);
  }

  Result<bool> step();
  // Runs to the end; how many rows were changed.
  Result<std::int64_t> run();
  // Makes it ready to be bound and stepped again.
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;  // also for blobs
  template <class AnyId>
  AnyId id(int column) const {
    return AnyId(text(column));
  }

 private:
  friend class Tx;
  Query(Connection& connection, sqlite3_stmt* statement, std::string_view sql);
  Connection* connection_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  std::string sql_;
  Result<> failure_ = common::ok();  // the first failed bind, told by step()
};

// The transaction that `f` of read() or write() works in.
class Tx {
 public:
  explicit Tx(Connection& connection) : connection_(connection) {}
  Result<Query> prepare(std::string_view sql);
  // For statements without values.
  Result<> execute(std::string_view sql);

 private:
  Connection& connection_;
};

struct Options {
  std::string path;  // ":memory:" only with inline_io
  int readers = 2;
  bool inline_io = false;
  std::size_t queue_max = 10000;  // writes that may wait
};

class Database {
 public:
  // Opens or creates, checks the file, applies missing migrations. DbErrc::newer_schema when the
  // file was written by a later version of the program.
  static Result<std::unique_ptr<Database>> open(common::Runtime& runtime, Options options,
                                                std::span<const Migration> migrations);
  ~Database();

  // The result of `f(Tx&)`, which returns a Result<T>.
  template <class F>
  auto write(F f) -> boost::asio::awaitable<std::invoke_result_t<F&, Tx&>> {
    return run(std::function<std::invoke_result_t<F&, Tx&>(Tx&)>(std::move(f)), true);
  }
  // Why the last write did not reach the disk, e.g. because it is full; empty when it did.
  const std::string& why_not_writable() const { return why_not_writable_; }
  // Writes something that changes nothing, so that why_not_writable() is of now.
  Task<> try_to_write();

  template <class F>
  auto read(F f) -> boost::asio::awaitable<std::invoke_result_t<F&, Tx&>> {
    return run(std::function<std::invoke_result_t<F&, Tx&>(Tx&)>(std::move(f)), false);
  }

 private:
  struct Parts;
  explicit Database(std::shared_ptr<Parts> parts);
  // Runs `job` (which reports whether it succeeded) and resumes when its group is on disk; the
  // failure of the commit itself, if any.
  Task<> submit(bool write, std::function<bool(Tx&)> job);

  // By the type of the result alone, so that a program has few of these coroutines.
  template <class R>
  boost::asio::awaitable<R> run(std::function<R(Tx&)> f, bool write) {
    struct Shared {
      std::function<R(Tx&)> f;
      std::optional<R> result;
    };
    auto shared = std::make_shared<Shared>(Shared{std::move(f), std::nullopt});
    std::function<bool(Tx&)> job = [shared](Tx& tx) {
      shared->result.emplace(shared->f(tx));
      return shared->result->has_value();
    };
    Result<> committed = co_await submit(write, std::move(job));
    R result = committed ? std::move(*shared->result) : R(std::move(committed).assume_error());
    if (write) note_written(result ? nullptr : &result.assume_error());
    co_return std::move(result);
  }
  void note_written(const common::Error* failure);

  std::shared_ptr<Parts> parts_;
  std::string why_not_writable_;
};

}  // namespace angophora::db

ANGOPHORA_ERROR_ENUM(angophora::db, DbErrc)
