#include "common/config/setting.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <ranges>

namespace angophora::config {
namespace {

constexpr std::size_t kFileBytesMax = 1 << 20;

std::string flag_of(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

const Entry* find_entry(const std::vector<Entry>& entries, std::string_view name) {
  for (const auto& entry : entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

// To the whole name or, one further, to a word of it: adress is near listen_address.
std::size_t distance(std::string_view known, std::string_view name) {
  std::size_t least = common::edit_distance(known, name);
  for (const auto word : std::views::split(known, '_'))
    least = std::min(least,
                     1 + common::edit_distance(std::string_view(word.begin(), word.end()), name));
  return least;
}

Error unknown_key(std::string_view name, const std::vector<Entry>& entries) {
  const auto nearest = std::ranges::min_element(
      entries, {}, [&](const Entry& entry) { return distance(entry.name, name); });
  const bool is_near =
      nearest != entries.end() && distance(nearest->name, name) <= (name.size() + 1) / 2;
  const std::string hint = is_near ? fmt::format("; did you mean \"{}\"?", nearest->name) : "";
  return Error(Errc::invalid_argument, fmt::format("unknown setting \"{}\"{}", name, hint));
}

Result<std::string> text_of(std::string_view name, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return std::string(flag->get() ? "true" : "false");
  return Error(Errc::invalid_argument,
               fmt::format("setting \"{}\" must be text, a whole number, true or false", name));
}

Result<std::string> read_settings(const std::string& file) {
  const auto fail = [&] {
    return Error(Errc::invalid_argument, std::string("it cannot be read: ") + std::strerror(errno));
  };
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail();
  std::string text(kFileBytesMax + 1, '\0');
  // A folder can be opened, but not read.
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return fail();
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kFileBytesMax)
    return Error(Errc::invalid_argument, "it is larger than a settings file can be");
  return text;
}

Result<> load_file(const std::string& file, const std::vector<Entry>& entries) {
  TRY(const auto settings, read_settings(file));
  const toml::parse_result parsed = toml::parse(settings, file);
  for (const auto& [key, node] : parsed) {
    const std::string name(key.str());
    const auto* entry = find_entry(entries, name);
    if (!entry) return unknown_key(name, entries);
    TRY(const auto text, text_of(name, node));
    TRY_VOID(entry->set(text));
  }
  return common::ok();
}

std::string reference_page(const std::string& program, const std::vector<Entry>& entries) {
  auto page = fmt::format(
      "# Settings of {}\n\n| setting | kind | default | meaning |\n|---|---|---|---|\n", program);
  for (const auto& entry : entries) {
    const auto range = entry.bounds && entry.bounds->most != INT64_MAX
                           ? fmt::format(" ({} to {})", entry.bounds->least, entry.bounds->most)
                           : "";
    page += fmt::format("| `{}` | {}{} | `{}` | {} |\n", entry.name, entry.kind, range,
                        entry.default_text, entry.meaning);
  }
  return page;
}

std::string sample_file(const std::string& program, const std::vector<Entry>& entries) {
  auto file = fmt::format("# Settings of {}. What is commented out is the default.\n", program);
  for (const auto& entry : entries) {
    const bool quoted = entry.kind == "text";
    file += fmt::format("\n# {}\n# {} = {}\n", entry.meaning, entry.name,
                        quoted ? "\"" + entry.default_text + "\"" : entry.default_text);
  }
  return file;
}

}  // namespace

Result<std::int64_t> parse_bounded(std::string_view name, std::string_view text, Bounds bounds) {
  const auto value = common::parse_number<std::int64_t>(text);
  if (!value)
    return Error(Errc::invalid_argument,
                 fmt::format("setting \"{}\" must be a whole number, not \"{}\"", name, text));
  if (*value < bounds.least || *value > bounds.most)
    return Error(Errc::invalid_argument, fmt::format("setting \"{}\" must be {} to {}, not {}",
                                                     name, bounds.least, bounds.most, *value));
  return *value;
}

Result<bool> parse_yes_no(std::string_view name, std::string_view text) {
  if (text == "true" || text == "yes") return true;
  if (text == "false" || text == "no") return false;
  return Error(Errc::invalid_argument,
               fmt::format("setting \"{}\" must be true or false, not \"{}\"", name, text));
}

Result<> load_entries(const std::string& file, bool file_must_exist,
                      const std::vector<std::pair<std::string, std::string>>& command_line,
                      const std::vector<Entry>& entries) {
  if (file_must_exist || std::ifstream(file).good()) {
    try {
      if (auto loaded = load_file(file, entries); !loaded)
        return std::move(loaded).assume_error().while_doing(file);
    } catch (const toml::parse_error& e) {
      return Error(Errc::invalid_argument,
                   fmt::format("{}: line {}: {}", file, e.source().begin.line, e.description()));
    }
  }
  for (const auto& [name, text] : command_line) {
    const auto* entry = find_entry(entries, name);
    if (!entry) return unknown_key(name, entries);
    TRY_VOID(entry->set(text));
  }
  return common::ok();
}

void load_or_exit(const std::string& program, int argc, const char* const* argv,
                  const std::string& default_file, const std::vector<Entry>& entries,
                  const std::string& footer) {
  CLI::App app{program + ", part of Angophora"};
  app.footer(footer);
  std::string file = default_file;
  bool print_settings = false, print_sample = false;
  auto* file_option =
      app.add_option("--config", file, "Settings file (TOML)")->capture_default_str();
  app.add_flag("--print-settings", print_settings, "Print the reference page of all settings");
  app.add_flag("--print-sample", print_sample, "Print a settings file with all defaults");
  app.set_version_flag("--version", program + " " ANGOPHORA_VERSION);
  std::vector<std::pair<std::string, std::string>> given;
  for (const auto& entry : entries) {
    const auto note = [&given, name = entry.name](const std::string& text) {
      given.emplace_back(name, text);
    };
    app.add_option_function<std::string>(flag_of(entry.name), note,
                                         entry.meaning + " [" + entry.default_text + "]");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::exit(app.exit(e));
  }
  if (print_settings) {
    std::fputs(reference_page(program, entries).c_str(), stdout);
    std::exit(0);
  }
  if (print_sample) {
    std::fputs(sample_file(program, entries).c_str(), stdout);
    std::exit(0);
  }
  if (auto loaded = load_entries(file, file_option->count() > 0, given, entries); !loaded) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), loaded.error().message.c_str());
    std::exit(2);
  }
}

}  // namespace angophora::config
