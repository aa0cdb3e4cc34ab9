#include "common/runtime/sim_runtime.h"

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>
#include <deque>
#include <map>
#include <random>
#include <vector>

namespace angophora::common {

namespace detail {

namespace {

// A handler of any type, also one that can only be moved.
struct Job {
  virtual ~Job() = default;
  virtual void run() = 0;
};
template <class F>
struct JobOf final : Job {
  explicit JobOf(F function) : f(std::move(function)) {}
  void run() override {
    auto once = std::move(f);
    once();
  }
  F f;
};

// More events than any test needs at one moment: somebody spins without letting time pass.
constexpr std::uint64_t kEventsPerMomentMax = 20'000'000;

}  // namespace

struct SimEvent {
  std::shared_ptr<SimProcess> process;  // none: the world's own
  std::unique_ptr<Job> job;
};

struct SimCore {
  explicit SimCore(std::uint64_t seed) : random(seed) {}

  void post(std::shared_ptr<SimProcess> process, std::unique_ptr<Job> job) {
    ready.push_back({std::move(process), std::move(job)});
  }
  // What is dropped while an event runs may own the frame of that very event: it is destroyed
  // when the event has returned.
  void bury(std::shared_ptr<void> dropped) {
    buried.push_back(std::move(dropped));
    if (!running) dig();
  }
  void dig() {
    while (!buried.empty()) {
      auto dropped = std::move(buried);
      buried.clear();
      running = true;
      dropped.clear();
      running = false;
    }
  }
  void run_ready();
  // Moves the clock to the next timer that is due by `limit`; false when there is none.
  bool jump(SteadyTime limit);
  void kill(const std::shared_ptr<SimProcess>& process);

  std::mt19937_64 random;
  SteadyTime now{};
  std::uint64_t next_id = 1;
  bool running = false;
  std::deque<SimEvent> ready;
  std::map<std::pair<SteadyTime, std::uint64_t>, SimEvent> timers;
  std::map<std::uint64_t, SteadyTime> timer_times;
  std::vector<std::shared_ptr<void>> buried;
  std::vector<std::weak_ptr<SimProcess>> processes;
};

struct SimProcess : asio::execution_context {
  SimProcess(std::shared_ptr<SimCore> c, std::string n) : core(std::move(c)), name(std::move(n)) {}
  ~SimProcess() { shutdown(); }

  std::shared_ptr<SimCore> core;
  std::string name;
  bool alive = true;
  bool stopping = false;
  std::chrono::milliseconds clock_offset{0};
  std::map<std::uint64_t, std::function<void()>> stop_calls;
  std::map<std::uint64_t, std::function<void()>> suspended;
};

void SimCore::run_ready() {
  std::uint64_t events = 0;
  while (!ready.empty()) {
    auto event = std::move(ready.front());
    ready.pop_front();
    if (++events > kEventsPerMomentMax) throw std::logic_error("events without end at one moment");
    running = true;
    try {
      event.job->run();
    } catch (...) {
      running = false;
      throw;
    }
    running = false;
    event = {};
    dig();
  }
}

bool SimCore::jump(SteadyTime limit) {
  auto first = timers.begin();
  if (first == timers.end() || first->first.first > limit) {
    now = std::max(now, limit);
    return false;
  }
  now = std::max(now, first->first.first);
  ready.push_back(std::move(first->second));
  timer_times.erase(first->first.second);
  timers.erase(first);
  return true;
}

void SimCore::kill(const std::shared_ptr<SimProcess>& process) {
  if (!process->alive) return;
  process->alive = false;
  auto dropped = std::make_shared<std::vector<SimEvent>>();
  std::deque<SimEvent> kept;
  for (auto& event : ready) {
    if (event.process == process)
      dropped->push_back(std::move(event));
    else
      kept.push_back(std::move(event));
  }
  ready = std::move(kept);
  for (auto at = timers.begin(); at != timers.end();) {
    if (at->second.process == process) {
      dropped->push_back(std::move(at->second));
      timer_times.erase(at->first.second);
      at = timers.erase(at);
    } else {
      ++at;
    }
  }
  using Calls = std::map<std::uint64_t, std::function<void()>>;
  buried.push_back(std::make_shared<Calls>(std::move(process->stop_calls)));
  buried.push_back(std::make_shared<Calls>(std::move(process->suspended)));
  process->stop_calls.clear();
  process->suspended.clear();
  bury(std::move(dropped));
}

namespace {

// Hands what a coroutine does next to the world's queue; never runs it at once.
class SimExecutor {
 public:
  explicit SimExecutor(std::shared_ptr<SimProcess> process) : process_(std::move(process)) {}

  asio::execution_context& query(asio::execution::context_t) const noexcept { return *process_; }
  static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  SimExecutor require(asio::execution::blocking_t::never_t) const { return *this; }
  template <class F>
  void execute(F f) const {
    auto job = std::make_unique<JobOf<F>>(std::move(f));
    if (process_->alive)
      process_->core->post(process_, std::move(job));
    else
      process_->core->bury(std::shared_ptr<Job>(std::move(job)));
  }
  bool operator==(const SimExecutor& other) const noexcept { return process_ == other.process_; }
  bool operator!=(const SimExecutor& other) const noexcept { return process_ != other.process_; }

 private:
  std::shared_ptr<SimProcess> process_;
};

std::unique_ptr<Job> job_of(std::function<void()> f) {
  return std::make_unique<JobOf<std::function<void()>>>(std::move(f));
}

// Keeps what a killed process would have been called with until no event runs.
void drop(SimProcess& process, std::function<void()> f) {
  process.core->bury(std::make_shared<std::function<void()>>(std::move(f)));
}

}  // namespace
}  // namespace detail

using detail::job_of;

SimWorld::SimWorld(std::uint64_t seed) : core_(std::make_shared<detail::SimCore>(seed)) {}

SimWorld::~SimWorld() {
  for (auto& weak : core_->processes)
    if (auto process = weak.lock()) core_->kill(process);
  core_->ready.clear();
  core_->timers.clear();
}

SteadyTime SimWorld::steady_now() const { return core_->now; }

SysTime SimWorld::now() const {
  using namespace std::chrono;
  return sys_days(year(2026) / 1 / 1) + duration_cast<milliseconds>(core_->now.time_since_epoch());
}

void SimWorld::call_at(SteadyTime when, std::function<void()> f) {
  // Run with no event under way, so that killing a process destroys its coroutines at once.
  auto outside = [core = core_.get(), f = std::move(f)] {
    core->running = false;
    f();
    core->running = true;
  };
  core_->timers.emplace(std::pair(when, core_->next_id++),
                        detail::SimEvent{nullptr, job_of(std::move(outside))});
}

bool SimWorld::run_until(const std::function<bool()>& condition, Duration limit) {
  const SteadyTime end = core_->now + limit;
  for (;;) {
    core_->run_ready();
    if (condition()) return true;
    if (!core_->jump(end)) return condition();
  }
}

void SimWorld::run_for(Duration duration) {
  run_until([] { return false; }, duration);
}

std::uint64_t SimWorld::random_u64() { return core_->random(); }

std::uint64_t SimWorld::random_below(std::uint64_t bound) {
  return bound <= 1 ? 0 : core_->random() % bound;
}

SimRuntime::SimRuntime(SimWorld& world, std::string name)
    : process_(std::make_shared<detail::SimProcess>(world.core_, std::move(name))) {
  std::erase_if(world.core_->processes, [](const auto& weak) { return weak.expired(); });
  world.core_->processes.push_back(process_);
}

SimRuntime::~SimRuntime() { kill(); }

void SimRuntime::kill() { process_->core->kill(process_); }

bool SimRuntime::alive() const { return process_->alive; }

void SimRuntime::stop() {
  if (process_->stopping || !process_->alive) return;
  process_->stopping = true;
  auto calls = std::move(process_->stop_calls);
  process_->stop_calls.clear();
  for (auto& [id, f] : calls) process_->core->post(process_, job_of(std::move(f)));
}

void SimRuntime::set_clock_offset(std::chrono::milliseconds offset) {
  process_->clock_offset = offset;
}

const std::string& SimRuntime::name() const { return process_->name; }

SysTime SimRuntime::now() {
  using namespace std::chrono;
  const auto passed = duration_cast<milliseconds>(process_->core->now.time_since_epoch());
  return sys_days(year(2026) / 1 / 1) + passed + process_->clock_offset;
}

SteadyTime SimRuntime::steady_now() { return process_->core->now; }

asio::any_io_executor SimRuntime::executor() { return detail::SimExecutor(process_); }

Runtime::TimerId SimRuntime::call_at(SteadyTime when, std::function<void()> f) {
  auto& core = *process_->core;
  const auto id = core.next_id++;
  if (!process_->alive) {
    detail::drop(*process_, std::move(f));
    return id;
  }
  when = std::max(when, core.now);
  core.timers.emplace(std::pair(when, id), detail::SimEvent{process_, job_of(std::move(f))});
  core.timer_times.emplace(id, when);
  return id;
}

void SimRuntime::cancel(TimerId id) {
  auto& core = *process_->core;
  if (auto at = core.timer_times.find(id); at != core.timer_times.end()) {
    core.timers.erase({at->second, id});
    core.timer_times.erase(at);
  }
  process_->stop_calls.erase(id);
}

bool SimRuntime::post_blocking(std::function<void()> work, std::function<void()> done) {
  auto& core = *process_->core;
  if (!process_->alive) {
    detail::drop(*process_, std::move(done));
    return true;
  }
  auto job = [process = process_, work = std::move(work), done = std::move(done)]() mutable {
    work();
    if (process->alive)
      process->core->post(process, job_of(std::move(done)));
    else
      detail::drop(*process, std::move(done));
  };
  core.post(process_, job_of(std::move(job)));
  return true;
}

std::string SimRuntime::random_bytes(std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    auto word = process_->core->random();
    for (int i = 0; i < 8 && bytes.size() < count; ++i, word >>= 8)
      bytes.push_back(static_cast<char>(word & 0xff));
  }
  return bytes;
}

bool SimRuntime::stopping() const { return process_->stopping; }

Runtime::TimerId SimRuntime::on_stop(std::function<void()> f) {
  const auto id = process_->core->next_id++;
  if (!process_->alive)
    detail::drop(*process_, std::move(f));
  else if (process_->stopping)
    process_->core->post(process_, job_of(std::move(f)));
  else
    process_->stop_calls.emplace(id, std::move(f));
  return id;
}

std::function<void()> SimRuntime::resumer(std::function<void()> resume) {
  if (!process_->alive) {
    detail::drop(*process_, std::move(resume));
    return [] {};
  }
  const auto id = process_->core->next_id++;
  process_->suspended.emplace(id, std::move(resume));
  std::weak_ptr<detail::SimProcess> weak = process_;
  return [weak, id] {
    auto process = weak.lock();
    if (!process) return;
    auto at = process->suspended.find(id);
    if (at == process->suspended.end()) return;
    process->core->post(process, job_of(std::move(at->second)));
    process->suspended.erase(at);
  };
}

}  // namespace angophora::common
