#include "clc/cli/disk_image.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "common/process/process.h"

namespace angophora::clc::cli {

using common::Errc;
using common::Error;

namespace {

namespace json = boost::json;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  const char* format;
};

constexpr Magic kQcow2 = {0, std::string_view("QFI\xfb", 4), "qcow2"};
// What people have that no machine boots from as it is. The magics are those of the formats'
// specifications.
constexpr Magic kForeign[] = {
    {0, "KDMV", "VMDK"},
    {0, "COWD", "VMDK"},
    {0, "# Disk DescriptorFile", "VMDK"},
    {0, "conectix", "VHD"},
    {0, "vhdxfile", "VHDX"},
    {64, std::string_view("\x7f\x10\xda\xbe", 4), "VDI"},
    {0, std::string_view("QED\0", 4), "QED"},
};
constexpr Magic kCompressed[] = {
    {0, std::string_view("\x1f\x8b\x08", 3), "gzip"},
    {0,
     std::string_view("\xfd"
                      "7zXZ\0",
                      6),
     "xz"},
    {0, std::string_view("\x28\xb5\x2f\xfd", 4), "zstd"},
    {0, std::string_view("BZh", 3), "bzip2"},
    {0, std::string_view("PK\3\4", 4), "zip"},
};

// Nothing is probed by qemu-img: a raw image whose first bytes look like another format must never
// be taken for one that names other files.
Result<std::string> detect(const std::string& path, ImageUse use) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return Error(Errc::not_found, "there is no file " + path);
  // A pipe would wait for its other end for ever.
  if (!std::filesystem::is_regular_file(status))
    return Error(Errc::invalid_argument, path + ": it is not a plain file");
  std::ifstream file(path, std::ios::binary);
  std::string head(128, '\0');
  if (!file) return common::errno_error(errno, "opening " + path);
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  const auto has = [&head](const Magic& magic) {
    return std::string_view(head).substr(magic.offset).starts_with(magic.bytes);
  };
  if (has(kQcow2)) return std::string("qcow2");
  if (use == ImageUse::boot_file) return std::string("raw");  // kernels' are often compressed
  for (const auto& magic : kForeign)
    if (has(magic))
      return Error(
          Errc::invalid_argument,
          fmt::format("{}: it is {}; make it qcow2 or raw first (qemu-img convert -O qcow2)", path,
                      magic.format));
  for (const auto& magic : kCompressed)
    if (has(magic))
      return Error(Errc::invalid_argument,
                   fmt::format("{}: it is compressed ({}); unpack it first", path, magic.format));
  return std::string("raw");
}

Result<> check_qcow2(const std::string& path, const json::object& info) {
  const auto refuse = [&](std::string_view why) {
    return Error(Errc::invalid_argument, fmt::format("{}: {}", path, why));
  };
  if (info.contains("backing-filename") || info.contains("full-backing-filename"))
    return refuse("it has a backing file; flatten it with qemu-img convert first");
  if (const auto* encrypted = info.if_contains("encrypted");
      encrypted && encrypted->is_bool() && encrypted->as_bool())
    return refuse("it is encrypted");
  const auto* specific = info.if_contains("format-specific");
  const auto* data =
      specific && specific->is_object() ? specific->as_object().if_contains("data") : nullptr;
  if (data && data->is_object()) {
    if (data->as_object().contains("data-file"))
      return refuse("its bytes are in an external data file");
    if (const auto* corrupt = data->as_object().if_contains("corrupt");
        corrupt && corrupt->is_bool() && corrupt->as_bool())
      return refuse("it is marked corrupt");
  }
  return common::ok();
}

// What lies beyond the end of a file that was cut reads as zeros, so it must be looked for.
Result<> check_whole(const std::string& path) {
  constexpr int kLeaksOnly = 3;  // clusters that nobody uses do no harm
  process::Command command;
  command.argv = {"qemu-img", "check", "-q", "-U", "-f", "qcow2", path};
  command.limit = std::chrono::minutes(30);
  TRY(const auto done, process::run(command));
  if (done.exit_code == 0 || done.exit_code == kLeaksOnly) return common::ok();
  return Error(Errc::corrupt, path + ": it is damaged or cut short (see qemu-img check)");
}

}  // namespace

Result<DiskImage> inspect_disk_image(const std::string& path, std::uint64_t bytes_max,
                                     ImageUse use) {
  DiskImage image;
  TRY(image.format, detect(path, use));
  if (image.format == "raw") {
    std::error_code error;
    image.virtual_bytes = std::filesystem::file_size(path, error);
    if (error) return Error(Errc::io, path + ": " + error.message());
  } else {
    process::Command command;
    // -U: only looks; the format is named, so nothing is probed.
    command.argv = {"qemu-img", "info", "-U", "-f", "qcow2", "--output=json", path};
    TRY(const auto text, process::run_checked(command));
    boost::system::error_code error;
    const auto info = json::parse(text, error);
    if (error || !info.is_object())
      return Error(Errc::corrupt, path + ": qemu-img said something unreadable about it");
    TRY_VOID(check_qcow2(path, info.as_object()));
    image.virtual_bytes = json::value_to<std::uint64_t>(info.at("virtual-size"));
  }
  if (image.virtual_bytes == 0) return Error(Errc::invalid_argument, path + ": it is empty");
  if (image.virtual_bytes > bytes_max)
    return Error(Errc::invalid_argument,
                 fmt::format("{}: its disk has {} bytes, the limit is {} (--size-max-gib)", path,
                             image.virtual_bytes, bytes_max));
  if (image.format == "qcow2") {
    TRY_VOID(check_whole(path));
  }
  return image;
}

Result<> convert_to_raw(const std::string& path, const std::string& raw_path) {
  process::Command command;
  command.argv = {"qemu-img", "convert", "-f", "qcow2", "-O", "raw", "-S", "4k", path, raw_path};
  command.limit = std::chrono::hours(2);
  TRY(const auto output, process::run_checked(command));
  (void)output;
  return common::ok();
}

}  // namespace angophora::clc::cli
