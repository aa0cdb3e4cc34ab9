// Runs several coroutines at once and waits for all of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/runtime/runtime.h"

namespace angophora::common {

namespace detail {
template <class T>
struct Gathering {
  std::vector<std::optional<T>> results;
  std::size_t left = 0;
  std::function<void()> resume;
};
template <class T>
awaitable<void> gather_one(std::shared_ptr<Gathering<T>> all, std::size_t index,
                           awaitable<T> work) {
  std::exception_ptr failure;
  try {
    all->results[index].emplace(co_await std::move(work));
  } catch (...) {
    failure = std::current_exception();
  }
  if (--all->left == 0 && all->resume) std::exchange(all->resume, nullptr)();
  if (failure) std::rethrow_exception(failure);  // logged where it was spawned
}
}  // namespace detail

// The results in the order of `works`. A work that throws (a bug) leaves nothing in its place. What
// the works refer to must live until they end; each needs a deadline of its own. I/O thread only.
template <class T>
awaitable<std::vector<std::optional<T>>> gather(Runtime& runtime, std::string name,
                                                std::vector<awaitable<T>> works) {
  auto all = std::make_shared<detail::Gathering<T>>();
  all->results.resize(works.size());
  all->left = works.size();
  for (std::size_t i = 0; i < works.size(); ++i)
    runtime.spawn(name, detail::gather_one<T>(all, i, std::move(works[i])));
  if (all->left > 0) {
    std::function<void(std::function<void()>)> start = [all](std::function<void()> resume) {
      all->resume = std::move(resume);
    };
    co_await detail::suspend(runtime, std::move(start));
  }
  co_return std::move(all->results);
}

}  // namespace angophora::common
