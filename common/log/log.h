// Log lines: one line is one event, a fixed name and key=value pairs, on standard error (the
// journal under systemd). Any thread may log. Secrets and signatures are never a value.
//
//   log::info("instance.state_changed", {{"request_id", rid}, {"took_ms", 12}});
//
// writes
//
//   2026-11-22T02:40:58.123Z level=info daemon=clc event=instance.state_changed request_id=5f1c ...
//
// Levels: error, a user's request was not done; warn, odd but served; info, a rare change that an
// operator wants to see; debug, for developers.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::log {

enum class Level { debug, info, warn, error };

// One key=value; the value is written so that it can be read back (quoted when it needs to be).
struct Field {
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <class Number>
  requires std::is_arithmetic_v<Number> Field(std::string_view k, Number v)
      : key(k), value(std::to_string(v)) {}
  // An id.
  template <class T>
  requires requires(const T& t) { std::string(t.value); }
  Field(std::string_view k, const T& id) : key(k), value(id.value) {}
  // The reason of a failure.
  Field(std::string_view k, const common::Error& e) : key(k), value(e.message) {}

  std::string_view key;
  std::string value;
};
using Fields = std::initializer_list<Field>;

// Names this program in each line and drops what is below `level`. Call once, first in main.
void start(std::string_view daemon, Level level);
// The same with the level's name, as it is set; false, after a line that says so, for no level's.
bool start(std::string_view daemon, std::string_view level_name);
// Level by name; nothing when there is none of that name.
bool parse_level(std::string_view name, Level& level);

void write(Level level, std::string_view event, Fields fields);
inline void debug(std::string_view event, Fields fields = {}) {
  write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
inline void warn(std::string_view event, Fields fields = {}) { write(Level::warn, event, fields); }
inline void error(std::string_view event, Fields fields = {}) {
  write(Level::error, event, fields);
}

// The text of a line without its time stamp; what write() prints.
std::string format_line(Level level, std::string_view daemon, std::string_view event,
                        Fields fields);

}  // namespace angophora::log
