#include "common/admin/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>
#include <variant>

namespace angophora::admin {
namespace {

bool is_name(std::string_view name, bool colon_allowed) {
  const auto is_letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c == ':' && colon_allowed);
  };
  return !name.empty() && is_letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
  });
}

std::string escape(std::string_view text, bool in_quotes) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\')
      escaped += "\\\\";
    else if (c == '\n')
      escaped += "\\n";
    else if (c == '"' && in_quotes)
      escaped += "\\\"";
    else
      escaped += c;
  }
  return escaped;
}

// name="value",other="value"; the text is also the key of a child within its family.
std::string labels_text(const Metrics::Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!is_name(name, false)) throw std::logic_error("the label " + name + " has a bad name");
    if (!text.empty()) text += ',';
    text += name + "=\"" + escape(value, true) + '"';
  }
  return text;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string braces(const std::string& labels) { return labels.empty() ? "" : "{" + labels + "}"; }

template <class T>
constexpr std::string_view kKind = "";
template <>
constexpr std::string_view kKind<Counter> = "counter";
template <>
constexpr std::string_view kKind<Gauge> = "gauge";
template <>
constexpr std::string_view kKind<Histogram> = "histogram";

}  // namespace

struct Metrics::Family {
  using Child = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>,
                             std::unique_ptr<Histogram>, std::function<double()>>;
  std::string help;
  std::string kind;
  std::map<std::string, Child> children;  // by their labels' text

  static void write(std::string& out, const std::string& name, const std::string& labels,
                    const Child& child);
  static void write(std::string& out, const std::string& name, const std::string& labels,
                    const Histogram& histogram);
};

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}

void Histogram::observe(double value) {
  const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Family& Metrics::family(const std::string& name, std::string_view help,
                                 std::string_view kind) {
  if (!is_name(name, true)) throw std::logic_error("the metric " + name + " has a bad name");
  auto& slot = families_[name];
  if (!slot) {
    slot = std::make_unique<Family>();
    slot->help = help;
    slot->kind = kind;
  }
  if (slot->kind != kind) throw std::logic_error("the metric " + name + " is of another kind");
  return *slot;
}

template <class T>
T& Metrics::find(const std::string& name, std::string_view help, const Labels& labels,
                 std::function<std::unique_ptr<T>()> make) {
  const std::string key = labels_text(labels);
  const std::lock_guard lock(mutex_);
  auto& children = family(name, help, kKind<T>).children;
  auto found = children.find(key);
  if (found == children.end()) found = children.emplace(key, make()).first;
  auto* child = std::get_if<std::unique_ptr<T>>(&found->second);
  if (!child) throw std::logic_error("the metric " + name + " is computed");
  return **child;
}

Counter& Metrics::counter(const std::string& name, std::string_view help, const Labels& labels) {
  return find<Counter>(name, help, labels, [] { return std::make_unique<Counter>(); });
}

Gauge& Metrics::gauge(const std::string& name, std::string_view help, const Labels& labels) {
  return find<Gauge>(name, help, labels, [] { return std::make_unique<Gauge>(); });
}

Histogram& Metrics::histogram(const std::string& name, std::string_view help, const Labels& labels,
                              const std::vector<double>& bounds) {
  return find<Histogram>(name, help, labels, [&] { return std::make_unique<Histogram>(bounds); });
}

void Metrics::gauge_of(const std::string& name, std::string_view help,
                       std::function<double()> value) {
  const std::lock_guard lock(mutex_);
  family(name, help, kKind<Gauge>).children.insert_or_assign("", std::move(value));
}

const std::vector<double>& Metrics::seconds_bounds() {
  static const std::vector<double> bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                          0.5,   1,      2.5,   5,    10,    30,   60};
  return bounds;
}

void Metrics::Family::write(std::string& out, const std::string& name, const std::string& labels,
                            const Histogram& histogram) {
  const std::string separator = labels.empty() ? "" : ",";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.counts_.size(); ++i) {
    below += histogram.counts_[i].load(std::memory_order_relaxed);
    const bool last = i == histogram.bounds_.size();
    const std::string bound = last ? "+Inf" : number(histogram.bounds_[i]);
    out += fmt::format("{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, separator, bound, below);
  }
  out += fmt::format("{}_sum{} {}\n", name, braces(labels),
                     number(histogram.sum_.load(std::memory_order_relaxed)));
  out += fmt::format("{}_count{} {}\n", name, braces(labels), below);
}

void Metrics::Family::write(std::string& out, const std::string& name, const std::string& labels,
                            const Child& child) {
  if (const auto* histogram = std::get_if<std::unique_ptr<Histogram>>(&child))
    return write(out, name, labels, **histogram);
  std::string value;
  if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&child))
    value = std::to_string((*counter)->value());
  else if (const auto* gauge = std::get_if<std::unique_ptr<Gauge>>(&child))
    value = number((*gauge)->value());
  else
    value = number(std::get<std::function<double()>>(child)());
  out += name + braces(labels) + " " + value + "\n";
}

std::string Metrics::text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + escape(family->help, false) + "\n";
    out += "# TYPE " + name + " " + family->kind + "\n";
    for (const auto& [labels, child] : family->children) Family::write(out, name, labels, child);
  }
  return out;
}

}  // namespace angophora::admin
