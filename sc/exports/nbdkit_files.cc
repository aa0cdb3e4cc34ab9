#include "sc/exports/nbdkit_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "common/base/encoding.h"
#include "common/base/text.h"

namespace angophora::sc {
namespace {

namespace fs = std::filesystem;
using common::Errc;
using common::errno_error;

constexpr std::string_view kFile = "file=";
constexpr std::string_view kRaw = ".raw";
constexpr const char* kThreads = "16";  // requests of one client that run at once

std::string file_argument(const NbdkitOptions& options, const VolumeId& volume) {
  return std::string(kFile) + options.volumes_folder + "/" + volume.value + std::string(kRaw);
}

}  // namespace

std::string file_stem(const VolumeId& volume, std::int64_t epoch) {
  return volume.value + "." + std::to_string(epoch);
}

NbdkitFiles::NbdkitFiles(const NbdkitOptions& options, const ExportSpec& spec)
    : options_(options),
      spec_(spec),
      stem_(options.folder + "/" + file_stem(spec.volume, spec.epoch)) {}

std::vector<std::string> NbdkitFiles::argv(std::uint16_t port) const {
  return {"nbdkit",
          "--log",
          "syslog",
          "--threads",
          kThreads,
          "--ipaddr",
          options_.address,
          "--port",
          std::to_string(port),
          "--tls",
          "require",
          "--tls-psk",
          stem_ + ".psk",
          "--pidfile",
          stem_ + ".pid",
          options_.plugin,
          file_argument(options_, spec_.volume),
          "size=" + std::to_string(spec_.size_bytes),
          "export=" + spec_.volume.value};
}

Result<> NbdkitFiles::write() const {
  const auto path = stem_ + ".psk";
  for (const auto& old : {path, stem_ + ".pid", log()})
    if (::unlink(old.c_str()) != 0 && errno != ENOENT) return errno_error(errno, "removing " + old);
  const auto text =
      psk_username(spec_.volume, spec_.epoch) + ":" + common::hex_encode(spec_.key) + "\n";
  const process::Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return errno_error(errno, "writing " + path);
  return common::ok();
}

pid_t NbdkitFiles::server() const {
  std::ifstream file(stem_ + ".pid");
  std::string text;
  // Half a number would be another process: the line is whole when its end is there.
  if (!std::getline(file, text) || file.eof()) return 0;
  return common::parse_number<pid_t>(text).value_or(0);
}

std::string NbdkitFiles::last_words() const {
  constexpr std::size_t kLines = 3;
  std::ifstream file(log());
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line.substr(0, 300));
    if (lines.size() > kLines) lines.erase(lines.begin());
  }
  std::string words;
  for (const auto& line : lines) words += (words.empty() ? "" : "; ") + line;
  return words.empty() ? "it said nothing" : words;
}

VolumeId volume_of(const NbdkitOptions& options, const std::vector<std::string>& argv) {
  if (argv.front() != "nbdkit") return {};
  const auto folder = std::string(kFile) + options.volumes_folder + "/";
  for (const auto& argument : argv) {
    if (!argument.starts_with(folder) || !argument.ends_with(kRaw)) continue;
    VolumeId volume(argument.substr(folder.size(), argument.size() - folder.size() - kRaw.size()));
    if (check_id(volume)) return volume;
  }
  return {};
}

Result<> remove_files(const std::string& folder, const std::vector<std::string>& stems,
                      const VolumeId& only) {
  std::error_code failure;
  std::vector<fs::path> unwanted;
  for (fs::directory_iterator at(folder, failure); !failure && at != fs::directory_iterator();
       at.increment(failure)) {
    const auto name = at->path().filename().string();
    const bool wanted = std::any_of(stems.begin(), stems.end(), [&](const std::string& stem) {
      return name.starts_with(stem + ".");
    });
    if (!wanted && (only.empty() || name.starts_with(only.value + ".")))
      unwanted.push_back(at->path());
  }
  for (const auto& path : unwanted)
    if (!failure) fs::remove(path, failure);
  if (failure) return Error(Errc::io, "cleaning " + folder + ": " + failure.message());
  return common::ok();
}

}  // namespace angophora::sc
