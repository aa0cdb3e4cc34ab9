#include "common/db/database.h"

#include <filesystem>

#include <deque>
#include <exception>
#include <mutex>

#include "common/db/connection.h"
#include "common/log/log.h"

namespace angophora::db {

std::string_view to_string(DbErrc e) {
  switch (e) {
    case DbErrc::io:
      return "the database could not be read or written";
    case DbErrc::full:
      return "the disk of the database is full";
    case DbErrc::busy:
      return "the database is busy";
    case DbErrc::unique:
      return "a row of that key exists";
    case DbErrc::foreign_key:
      return "a row that is referred to is missing";
    case DbErrc::corrupt:
      return "the database file is damaged";
    case DbErrc::misuse:
      return "a statement is wrong";
    case DbErrc::newer_schema:
      return "the database was written by a newer version";
  }
  return "unknown database error";
}

namespace {

constexpr std::size_t kGroupMax = 256;  // writes that share one fsync

struct Job {
  std::function<bool(Tx&)> run;
  std::function<void()> resume;
  Result<> outcome = common::ok();
};

// One job inside a savepoint of its own; false when its changes must not stay.
bool run_job(Job& job, Tx& tx) {
  try {
    return job.run(tx);
  } catch (const std::exception& e) {
    job.outcome = Error(common::Errc::internal, std::string("inside a transaction: ") + e.what());
    return false;
  }
}

Result<> run_in_savepoint(Job& job, Connection& connection) {
  Tx tx(connection);
  TRY_VOID(connection.execute("SAVEPOINT job"));
  const bool keep = run_job(job, tx);
  if (!connection.in_transaction()) return connection.last_error("writing");
  return connection.execute(keep ? "RELEASE job" : "ROLLBACK TO job; RELEASE job");
}

Result<> run_group(std::deque<std::shared_ptr<Job>>& group, Connection& connection) {
  TRY_VOID(connection.execute("BEGIN IMMEDIATE"));
  for (auto& job : group) TRY_VOID(run_in_savepoint(*job, connection));
  return connection.execute("COMMIT");
}

void run_read(Job& job, Connection& connection) {
  Tx tx(connection);
  auto begun = connection.execute("BEGIN");
  if (!begun) {
    job.outcome = std::move(begun);
    return;
  }
  run_job(job, tx);
  (void)connection.execute("ROLLBACK");
}

}  // namespace

// Queues are guarded by `mutex`; a connection is used by the job that took it.
struct Database::Parts : std::enable_shared_from_this<Database::Parts> {
  Parts(common::Runtime& r, Options o) : runtime(r), options(std::move(o)) {}

  void wake_writer();
  void wake_readers();
  void write_groups();
  void read_jobs();

  common::Runtime& runtime;
  Options options;
  std::mutex mutex;
  std::unique_ptr<Connection> writer;
  std::deque<std::shared_ptr<Job>> writes;
  bool writing = false;
  std::vector<std::unique_ptr<Connection>> idle_readers;
  std::deque<std::shared_ptr<Job>> reads;
};

namespace {
void fail(std::deque<std::shared_ptr<Job>>& jobs, const Error& why) {
  for (auto& job : jobs) {
    job->outcome = why;
    job->resume();
  }
  jobs.clear();
}
}  // namespace

void Database::Parts::wake_writer() {
  {
    std::lock_guard lock(mutex);
    if (writing || writes.empty()) return;
    writing = true;
  }
  auto self = shared_from_this();
  if (runtime.post_blocking([self] { self->write_groups(); }, [self] { self->wake_writer(); }))
    return;
  std::lock_guard lock(mutex);
  writing = false;
  fail(writes, Error(common::Errc::limit_exceeded, "the pool for blocking work is full"));
}

void Database::Parts::write_groups() {
  for (;;) {
    std::deque<std::shared_ptr<Job>> group;
    {
      std::lock_guard lock(mutex);
      while (!writes.empty() && group.size() < kGroupMax) {
        group.push_back(std::move(writes.front()));
        writes.pop_front();
      }
      if (group.empty()) {
        writing = false;
        return;
      }
    }
    if (auto done = run_group(group, *writer); !done) {
      (void)writer->execute("ROLLBACK");
      log::error("database.commit_failed", {{"writes", group.size()}, {"reason", done.error()}});
      fail(group, done.error());
      continue;
    }
    for (auto& job : group) job->resume();
  }
}

void Database::Parts::wake_readers() {
  auto self = shared_from_this();
  {
    std::lock_guard lock(mutex);
    if (reads.empty() || idle_readers.empty()) return;
  }
  if (runtime.post_blocking([self] { self->read_jobs(); }, [self] { self->wake_readers(); }))
    return;
  std::lock_guard lock(mutex);
  fail(reads, Error(common::Errc::limit_exceeded, "the pool for blocking work is full"));
}

void Database::Parts::read_jobs() {
  std::unique_ptr<Connection> connection;
  for (;;) {
    std::shared_ptr<Job> job;
    {
      std::lock_guard lock(mutex);
      if (!connection && !idle_readers.empty()) {
        connection = std::move(idle_readers.back());
        idle_readers.pop_back();
      }
      if (!connection) return;
      if (reads.empty()) {
        idle_readers.push_back(std::move(connection));
        return;
      }
      job = std::move(reads.front());
      reads.pop_front();
    }
    run_read(*job, *connection);
    job->resume();
  }
}

Result<std::unique_ptr<Database>> Database::open(common::Runtime& runtime, Options options,
                                                 std::span<const Migration> migrations) {
  auto parts = std::make_shared<Parts>(runtime, std::move(options));
  const auto& path = parts->options.path;
  if (path == ":memory:" && !parts->options.inline_io)
    return Error(common::Errc::invalid_argument, "an in-memory database needs inline_io");
  TRY(parts->writer, Connection::open(path, false));
  TRY_VOID(parts->writer->migrate(migrations));
  for (int i = 0; !parts->options.inline_io && i < parts->options.readers; ++i) {
    TRY(auto reader, Connection::open(path, true));
    parts->idle_readers.push_back(std::move(reader));
  }
  return std::unique_ptr<Database>(new Database(std::move(parts)));
}

Database::Database(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
Database::~Database() = default;

// What must be free again before a database that found no room is taken for writable.
constexpr std::uintmax_t kRoomMin = std::uintmax_t{4} << 20;

void Database::note_written(const common::Error* failure) {
  if (!failure)
    why_not_writable_.clear();
  else if (failure->code == DbErrc::full || failure->code == DbErrc::io)
    why_not_writable_ = parts_->options.path + " cannot be written: " + failure->message;
}

Task<> Database::try_to_write() {
  // One page may still fit where no real change does.
  std::error_code failed;
  const auto folder = std::filesystem::absolute(parts_->options.path, failed).parent_path();
  const auto space = std::filesystem::space(folder, failed);
  if (!failed && space.available < kRoomMin && !why_not_writable_.empty())
    co_return Error(DbErrc::full, why_not_writable_);
  // "ango": the header's page is written also when it had that value.
  const auto touch = [](Tx& tx) { return tx.execute("PRAGMA application_id=0x616e676f"); };
  co_return co_await write(touch);
}

Task<> Database::submit(bool write, std::function<bool(Tx&)> run) {
  auto parts = parts_;
  auto job = std::make_shared<Job>();
  job->run = std::move(run);
  if (parts->options.inline_io) {
    job->resume = [] {};
    std::deque<std::shared_ptr<Job>> group{job};
    if (auto done = run_group(group, *parts->writer); !done) {
      (void)parts->writer->execute("ROLLBACK");
      co_return std::move(done).assume_error();
    }
    co_return std::move(job->outcome);
  }
  bool full = false;
  std::function<void(std::function<void()>)> start = [&](std::function<void()> resume) {
    job->resume = resume;
    {
      std::lock_guard lock(parts->mutex);
      auto& queue = write ? parts->writes : parts->reads;
      full = queue.size() >= parts->options.queue_max;
      if (!full) queue.push_back(job);
    }
    if (full)
      resume();
    else if (write)
      parts->wake_writer();
    else
      parts->wake_readers();
  };
  co_await common::detail::suspend(parts->runtime, std::move(start));
  if (full) co_return Error(common::Errc::limit_exceeded, "the database's queue is full");
  co_return std::move(job->outcome);
}

}  // namespace angophora::db
