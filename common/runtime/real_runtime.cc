#include "common/runtime/real_runtime.h"

#include <openssl/rand.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <unordered_map>

#include "common/log/log.h"

namespace angophora::common {

namespace {
// Handlers can be dropped before the context itself goes.
struct IoContext : asio::io_context {
  using asio::execution_context::shutdown;
  using asio::io_context::io_context;
};
}  // namespace

struct RealRuntime::Parts {
  explicit Parts(RealRuntimeOptions o)
      : options(o), io(1), pool(o.pool_threads), signals(io), guard(io.get_executor()) {}

  void begin_stop();
  void drop_coroutines();

  RealRuntimeOptions options;
  IoContext io;
  asio::thread_pool pool;
  asio::signal_set signals;
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  std::unordered_map<TimerId, std::unique_ptr<asio::steady_timer>> timers;
  std::unordered_map<TimerId, std::function<void()>> stop_calls;
  // Resumes suspended coroutines. Owned here alone: a coroutine may own what would resume it, and
  // neither would ever be freed.
  std::unordered_map<TimerId, std::function<void()>> suspended;
  TimerId next_id = 1;
  std::atomic<std::size_t> pool_jobs = 0;
  std::atomic<bool> stopping = false;
  std::shared_ptr<void> promises;
  std::weak_ptr<void> promises_open;
};

// `promises` is one owner of a token that ends the I/O loop when the last owner lets go.
void RealRuntime::Parts::begin_stop() {
  if (stopping.exchange(true)) return;
  log::info("daemon.stopping");
  auto calls = std::move(stop_calls);
  stop_calls.clear();
  for (auto& [id, f] : calls) f();
  auto deadline = std::make_shared<asio::steady_timer>(io, options.stop_grace);
  deadline->async_wait([this, deadline](auto error) {
    if (error) return;
    log::warn("daemon.stop_forced");
    io.stop();
  });
  // Let everything that was woken above run once before the token may be the last one.
  asio::post(io, [this] { promises.reset(); });
}

// Some wait to be resumed by us, others for a socket or timer of Asio's.
void RealRuntime::Parts::drop_coroutines() {
  // Not in place: what is destroyed may still cancel timers and calls.
  std::exchange(suspended, {}).clear();
  std::exchange(stop_calls, {}).clear();
  std::exchange(timers, {}).clear();
  io.shutdown();  // last: coroutines are unwound through its queue
}

namespace {
// The usual soft limit of 1024 descriptors is for programs that use select(); a daemon's
// connections and files need more.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 65536);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}
}  // namespace

RealRuntime::RealRuntime(RealRuntimeOptions options) : parts_(std::make_unique<Parts>(options)) {
  auto* parts = parts_.get();
  parts->promises = std::shared_ptr<void>(parts, [](void* p) {
    auto* owner = static_cast<Parts*>(p);
    asio::post(owner->io, [owner] { owner->io.stop(); });
  });
  parts->promises_open = parts->promises;
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  if (!options.handle_signals) return;
  parts->signals.add(SIGTERM);
  parts->signals.add(SIGINT);
  parts->signals.async_wait([parts](auto error, int) {
    if (!error) parts->begin_stop();
  });
}

RealRuntime::~RealRuntime() {
  parts_->pool.stop();
  parts_->pool.join();
  parts_->drop_coroutines();
}

void RealRuntime::run() {
  parts_->io.run();
  parts_->pool.join();
  parts_->drop_coroutines();
}

void RealRuntime::stop() {
  asio::post(parts_->io, [parts = parts_.get()] { parts->begin_stop(); });
}

std::shared_ptr<void> RealRuntime::work_guard() { return parts_->promises_open.lock(); }

SysTime RealRuntime::now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

SteadyTime RealRuntime::steady_now() { return std::chrono::steady_clock::now(); }

asio::any_io_executor RealRuntime::executor() { return parts_->io.get_executor(); }

Runtime::TimerId RealRuntime::call_at(SteadyTime when, std::function<void()> f) {
  const auto id = parts_->next_id++;
  auto timer = std::make_unique<asio::steady_timer>(
      parts_->io, std::chrono::time_point_cast<std::chrono::steady_clock::duration>(when));
  timer->async_wait([parts = parts_.get(), id, f = std::move(f)](auto error) {
    if (error || !parts->timers.erase(id)) return;
    f();
  });
  parts_->timers.emplace(id, std::move(timer));
  return id;
}

void RealRuntime::cancel(TimerId id) {
  parts_->timers.erase(id);
  parts_->stop_calls.erase(id);
}

bool RealRuntime::post_blocking(std::function<void()> work, std::function<void()> done) {
  if (parts_->pool_jobs.fetch_add(1) >= parts_->options.pool_queue_max) {
    parts_->pool_jobs.fetch_sub(1);
    return false;
  }
  auto job = [parts = parts_.get(), work = std::move(work), done = std::move(done)]() mutable {
    work();
    work = nullptr;
    parts->pool_jobs.fetch_sub(1);
    asio::post(parts->io, std::move(done));
  };
  asio::post(parts_->pool, std::move(job));
  return true;
}

std::string RealRuntime::random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("the system's random generator failed");
  return bytes;
}

std::function<void()> RealRuntime::resumer(std::function<void()> resume) {
  const auto id = parts_->next_id++;
  parts_->suspended.emplace(id, std::move(resume));
  return [parts = parts_.get(), id] {
    asio::post(parts->io, [parts, id] {
      const auto suspended = parts->suspended.extract(id);
      if (suspended) suspended.mapped()();
    });
  };
}

bool RealRuntime::stopping() const { return parts_->stopping; }

Runtime::TimerId RealRuntime::on_stop(std::function<void()> f) {
  const auto id = parts_->next_id++;
  if (parts_->stopping)
    asio::post(parts_->io, std::move(f));
  else
    parts_->stop_calls.emplace(id, std::move(f));
  return id;
}

namespace {

awaitable<void> run_start(RealRuntime& runtime, std::function<Task<>()> start, bool& failed) {
  const auto started = co_await start();
  if (started || started.assume_error().code == Errc::cancelled) co_return;
  log::error("daemon.not_started", {{"reason", started.assume_error()}});
  failed = true;
  runtime.stop();
}

}  // namespace

int run_daemon(RealRuntime& runtime, std::function<Task<>()> start) {
  bool failed = false;
  runtime.spawn("start", run_start(runtime, std::move(start), failed));
  runtime.run();
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

}  // namespace angophora::common
