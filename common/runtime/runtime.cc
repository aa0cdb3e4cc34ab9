#include "common/runtime/runtime.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <cstring>

#include "common/base/encoding.h"
#include "common/log/log.h"

namespace angophora::common {

std::function<void()> Runtime::resumer(std::function<void()> resume) {
  return [resume = std::move(resume), executor = executor()] { asio::post(executor, resume); };
}

void Runtime::spawn(std::string name, awaitable<void> work) {
  asio::co_spawn(executor(), std::move(work), [name = std::move(name)](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      log::error("background.failed", {{"work", name}, {"reason", e.what()}});
    }
  });
}

awaitable<void> Runtime::sleep_for(Duration duration) {
  if (stopping()) co_return;
  TimerId timer = 0, stop = 0;
  std::function<void(std::function<void()>)> start = [&](std::function<void()> resume) {
    auto once = std::make_shared<std::function<void()>>(std::move(resume));
    auto wake = [once] {
      if (*once) std::exchange(*once, nullptr)();
    };
    timer = call_at(steady_now() + duration, wake);
    stop = on_stop(wake);
  };
  co_await detail::suspend(*this, std::move(start));
  cancel(timer);
  cancel(stop);
}

std::uint64_t Runtime::random_u64() {
  const std::string bytes = random_bytes(sizeof(std::uint64_t));
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::uint64_t Runtime::random_below(std::uint64_t bound) {
  if (bound <= 1) return 0;
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;  // so that no value is likelier
  for (;;) {
    const std::uint64_t value = random_u64();
    if (value < limit) return value % bound;
  }
}

std::string Runtime::random_hex(std::size_t digits) {
  return hex_encode(random_bytes((digits + 1) / 2)).substr(0, digits);
}

struct Wake::Waiter {
  std::function<void()> resume;
  bool notified = false;
  void finish() {
    if (resume) std::exchange(resume, nullptr)();
  }
};

void Wake::notify() {
  ++notified_;
  auto woken = std::move(waiters_);
  waiters_.clear();
  for (auto& waiter : woken) {
    waiter->notified = true;
    waiter->finish();
  }
}

awaitable<bool> Wake::wait(Runtime& runtime, Duration limit) {
  if (runtime.stopping()) co_return false;
  auto waiter = std::make_shared<Waiter>();
  auto place = waiters_.insert(waiters_.end(), waiter);
  Runtime::TimerId timer = 0, stop = 0;
  std::function<void(std::function<void()>)> start = [&](std::function<void()> resume) {
    waiter->resume = std::move(resume);
    timer = runtime.call_at(runtime.steady_now() + limit, [waiter] { waiter->finish(); });
    stop = runtime.on_stop([waiter] { waiter->finish(); });
  };
  co_await detail::suspend(runtime, std::move(start));
  runtime.cancel(timer);
  runtime.cancel(stop);
  if (!waiter->notified) waiters_.erase(place);
  co_return waiter->notified;
}

awaitable<bool> Wake::wait(Runtime& runtime, Duration limit, std::uint64_t seen) {
  if (notified_ != seen) co_return true;
  co_return co_await wait(runtime, limit);
}

namespace detail {

awaitable<void> suspend(Runtime& runtime, std::function<void(std::function<void()>)> start) {
  // The handler is resumed by a post, never from inside `start` or the notifier's stack.
  auto initiate = [&runtime, &start](auto handler) {
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    start(runtime.resumer([shared] { (*shared)(); }));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate,
                                                                        asio::use_awaitable);
}

void report_lost(std::string_view what, const Error* error) {
  if (error)
    log::warn("late.failed", {{"work", what}, {"reason", *error}});
  else
    log::info("late.finished", {{"work", what}});
}

}  // namespace detail
}  // namespace angophora::common
