// A setting is declared once: name, where it is kept, meaning, bounds. The settings file (TOML),
// --help, the reference page and the start-up checks all come from that list.
//
//   struct Config {
//     std::string state_dir = "/var/lib/angophora/nc";
//     std::chrono::seconds boot_timeout = std::chrono::minutes(5);
//     static std::vector<config::Setting<Config>> settings() {
//       using config::setting;
//       return {
//           setting("state_dir", &Config::state_dir, "Folder of all that the daemon keeps."),
//           setting("boot_timeout_s", &Config::boot_timeout, "Seconds a guest may take to boot.",
//                   {10, 3600}),
//       };
//     }
//   };
//   auto config = config::load<Config>("angophora-nc", argc, argv);  // may exit
//
// Files hold top-level keys only: state_dir = "/srv/nc". Every key can also be given on the
// command line as --state-dir VALUE, which wins. An unknown key is an error that names the nearest
// known one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "common/base/result.h"
#include "common/base/text.h"

namespace angophora::config {

using common::Errc;
using common::Error;
using common::Result;

struct Bounds {
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
};

template <class Config>
struct Setting {
  std::string name;
  std::string kind;  // "text", "number", "yes or no", "seconds"
  std::string meaning;
  std::optional<Bounds> bounds;
  std::function<std::string(const Config&)> get;
  std::function<Result<>(Config&, std::string_view)> set;
};

Result<std::int64_t> parse_bounded(std::string_view name, std::string_view text, Bounds bounds);
Result<bool> parse_yes_no(std::string_view name, std::string_view text);

template <class Config>
Setting<Config> setting(std::string name, std::string Config::*member, std::string meaning) {
  return {std::move(name),
          "text",
          std::move(meaning),
          std::nullopt,
          [member](const Config& c) { return c.*member; },
          [member](Config& c, std::string_view text) -> Result<> {
            c.*member = std::string(text);
            return common::ok();
          }};
}

template <class Config>
Setting<Config> setting(std::string name, bool Config::*member, std::string meaning) {
  return {name,
          "yes or no",
          std::move(meaning),
          std::nullopt,
          [member](const Config& c) { return std::string(c.*member ? "true" : "false"); },
          [member, name](Config& c, std::string_view text) -> Result<> {
            TRY(c.*member, parse_yes_no(name, text));
            return common::ok();
          }};
}

template <class T>
concept Number = std::is_integral_v<T> && !std::is_same_v<T, bool>;

template <class Config, Number Integer>
Setting<Config> setting(std::string name, Integer Config::*member, std::string meaning,
                        Bounds bounds = {
                            0,
                            std::numeric_limits<Integer>::max() > INT64_MAX
                                ? INT64_MAX
                                : static_cast<std::int64_t>(std::numeric_limits<Integer>::max())}) {
  return {name,
          "number",
          std::move(meaning),
          bounds,
          [member](const Config& c) { return std::to_string(c.*member); },
          [member, name, bounds](Config& c, std::string_view text) -> Result<> {
            TRY(const auto value, parse_bounded(name, text, bounds));
            c.*member = static_cast<Integer>(value);
            return common::ok();
          }};
}

template <class Config>
Setting<Config> setting(std::string name, std::chrono::seconds Config::*member, std::string meaning,
                        Bounds bounds = {0, 86400 * 365}) {
  return {name,
          "seconds",
          std::move(meaning),
          bounds,
          [member](const Config& c) { return std::to_string((c.*member).count()); },
          [member, name, bounds](Config& c, std::string_view text) -> Result<> {
            TRY(const auto value, parse_bounded(name, text, bounds));
            c.*member = std::chrono::seconds(value);
            return common::ok();
          }};
}

// One setting without its type: what the loader works on.
struct Entry {
  std::string name, kind, meaning, default_text;
  std::optional<Bounds> bounds;
  std::function<Result<>(std::string_view)> set;
};

// Reads `file` (must exist when `file_must_exist`) and then the command line into the entries.
Result<> load_entries(const std::string& file, bool file_must_exist,
                      const std::vector<std::pair<std::string, std::string>>& command_line,
                      const std::vector<Entry>& entries);
// Parses argv: --config FILE, --help, --version, --print-settings (the reference page, as
// Markdown), --print-sample (a settings file), --NAME VALUE. Prints and exits where that answers.
// `footer` is what --help says at its end.
void load_or_exit(const std::string& program, int argc, const char* const* argv,
                  const std::string& default_file, const std::vector<Entry>& entries,
                  const std::string& footer);

template <class Config>
std::vector<Entry> entries_of(Config& config) {
  std::vector<Entry> entries;
  for (auto& s : Config::settings()) {
    auto text = s.get(config);
    entries.push_back({s.name, s.kind, s.meaning, std::move(text), s.bounds,
                       [set = s.set, &config](std::string_view v) { return set(config, v); }});
  }
  return entries;
}

// The settings of `program`, from /etc/angophora/PROGRAM.toml (or --config FILE) and argv.
template <class Config>
Config load(const std::string& program, int argc, const char* const* argv,
            const std::string& footer = {}) {
  Config config;
  load_or_exit(program, argc, argv, "/etc/angophora/" + program + ".toml", entries_of(config),
               footer);
  return config;
}

}  // namespace angophora::config
