// The figures of a daemon, for Prometheus.
//
//   auto& requests = metrics.counter("clc_requests_total", "Requests answered.", {{"action",
//   name}}); requests.add();
//
// Threads:  any thread may do anything at any time.
// Lifetime: what counter(), gauge() and histogram() return lives as long as the Metrics; asking
//           again with the same name and labels returns the same one.
// Names:    [a-zA-Z_:][a-zA-Z0-9_:]*; a name keeps the kind and the help it was first asked with.
//           Asking for another kind, or with a bad name, is a bug and throws std::logic_error.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angophora::admin {

// Only grows.
class Counter {
 public:
  void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

// How often a value fell below each bound, with sum and count.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);  // rising
  void observe(double value);

 private:
  friend class Metrics;
  std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;  // one per bound, and one for what is above
  std::atomic<double> sum_ = 0;
};

class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  Metrics();
  ~Metrics();

  Counter& counter(const std::string& name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, std::string_view help, const Labels& labels = {});
  // A gauge whose value is asked for when the figures are read, on the reader's thread. `value`
  // must not use this Metrics.
  void gauge_of(const std::string& name, std::string_view help, std::function<double()> value);
  // `bounds` count only for the first of a name.
  Histogram& histogram(const std::string& name, std::string_view help, const Labels& labels = {},
                       const std::vector<double>& bounds = seconds_bounds());
  // 1 ms to 60 s.
  static const std::vector<double>& seconds_bounds();

  // Prometheus' text format 0.0.4.
  std::string text() const;

 private:
  struct Family;
  template <class T>
  T& find(const std::string& name, std::string_view help, const Labels& labels,
          std::function<std::unique_ptr<T>()> make);
  Family& family(const std::string& name, std::string_view help, std::string_view kind);

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>> families_;
};

}  // namespace angophora::admin
