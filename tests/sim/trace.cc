#include "tests/sim/trace.h"

#include <cstdio>

namespace angophora::sim {

void Trace::note(std::string_view line) {
  const auto now_us =
      std::chrono::duration_cast<std::chrono::microseconds>(world_.steady_now().time_since_epoch())
          .count();
  char stamp[32];
  std::snprintf(stamp, sizeof stamp, "%11.6f ", static_cast<double>(now_us) / 1e6);
  auto add = [this](std::string_view text) {
    for (const char c : text) digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 1099511628211u;
  };
  add(stamp);
  add(line);
  ++lines_;
  if (print_) std::printf("%s%.*s\n", stamp, static_cast<int>(line.size()), line.data());
}

void Trace::violate(std::string what) {
  note("VIOLATION " + what);
  if (!violation_) violation_ = std::move(what);
}

}  // namespace angophora::sim
