#include "common/log/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "common/base/time.h"

namespace angophora::log {
namespace {

constexpr std::size_t kValueBytesMax = 4096;  // a line stays readable whatever a caller hands in

struct State {
  std::string daemon = "-";
  Level level = Level::info;
  std::shared_ptr<spdlog::logger> sink = [] {
    auto logger = std::make_shared<spdlog::logger>(
        "angophora", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);
    return logger;
  }();
};

State& state() {
  static State s;
  return s;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

void append_value(std::string& line, std::string_view value) {
  const bool cut = value.size() > kValueBytesMax;
  if (cut) value = value.substr(0, kValueBytesMax);
  const bool plain = !value.empty() && !cut && value.find_first_of(" \"=\\\n\r\t") == value.npos;
  if (plain) {
    bool printable = true;
    for (unsigned char c : value) printable = printable && c > 0x1f && c != 0x7f;
    if (printable) {
      line.append(value);
      return;
    }
  }
  line.push_back('"');
  for (char c : value) {
    const auto b = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (c == '\n') {
      line.append("\\n");
    } else if (b < 0x20 || b == 0x7f) {
      line.append(fmt::format("\\x{:02x}", b));
    } else {
      line.push_back(c);
    }
  }
  line.append(cut ? "...\"" : "\"");
}

}  // namespace

void start(std::string_view daemon, Level level) {
  state().daemon = daemon;
  state().level = level;
}

bool start(std::string_view daemon, std::string_view level_name) {
  auto level = Level::info;
  const bool known = parse_level(level_name, level);
  start(daemon, level);
  if (!known) error("config.bad_log_level", {{"log_level", level_name}});
  return known;
}

bool parse_level(std::string_view name, Level& level) {
  for (Level l : {Level::debug, Level::info, Level::warn, Level::error})
    if (name_of(l) == name) {
      level = l;
      return true;
    }
  return false;
}

std::string format_line(Level level, std::string_view daemon, std::string_view event,
                        Fields fields) {
  std::string line = fmt::format("level={} daemon={} event={}", name_of(level), daemon, event);
  for (const auto& field : fields) {
    line.push_back(' ');
    line.append(field.key).push_back('=');
    append_value(line, field.value);
  }
  return line;
}

void write(Level level, std::string_view event, Fields fields) {
  auto& s = state();
  if (level < s.level) return;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  s.sink->info(common::format_iso8601(now) + " " + format_line(level, s.daemon, event, fields));
}

}  // namespace angophora::log
