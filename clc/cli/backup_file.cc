#include "clc/cli/backup_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>

#include "clc/cli/backup_stream.h"
#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace angophora::clc::cli {
namespace {

namespace json = boost::json;
using common::Errc;
using common::Error;
using common::Result;

constexpr std::size_t kListBytesMax = 1 << 20;

std::string serialise(const std::vector<BackupEntry>& entries) {
  json::array files;
  for (const auto& entry : entries)
    files.push_back(
        json::object{{"name", entry.name}, {"bytes", entry.bytes}, {"sha256", entry.sha256}});
  return json::serialize(json::object{{"files", std::move(files)}});
}

// Names come from the file and become paths.
bool is_harmless(std::string_view name) {
  return !name.empty() && name.size() < 200 && name.front() != '/' &&
         name.find("..") == name.npos && name.find('\0') == name.npos &&
         name.find("//") == name.npos;
}

Result<std::vector<BackupEntry>> parse_list(std::string_view text) {
  const Error broken(Errc::corrupt, "the list of the backup's files cannot be read");
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  const auto* object = failed ? nullptr : value.if_object();
  const auto* files = object ? object->if_contains("files") : nullptr;
  if (!files || !files->is_array()) return broken;
  std::vector<BackupEntry> entries;
  for (const auto& file : files->as_array()) {
    if (!file.is_object()) return broken;
    const auto& f = file.as_object();
    const auto *name = f.if_contains("name"), *bytes = f.if_contains("bytes"),
               *sha256 = f.if_contains("sha256");
    if (!name || !name->is_string() || !bytes || !bytes->is_int64() || bytes->as_int64() < 0 ||
        !sha256 || !sha256->is_string() || !is_harmless(std::string_view(name->as_string())))
      return broken;
    entries.push_back({std::string(name->as_string()),
                       static_cast<std::uint64_t>(bytes->as_int64()),
                       std::string(sha256->as_string())});
  }
  return entries;
}

// Hands every piece of a file to `take`.
template <class Take>
Result<> read_whole(const std::string& path, Take take) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return common::errno_error(errno, "reading " + path);
  const auto file = own_descriptor(fd);
  std::string buffer(kPieceBytes, '\0');
  for (;;) {
    const auto got = read(fd, buffer.data(), buffer.size());
    if (got < 0) return common::errno_error(errno, "reading " + path);
    if (got == 0) return common::ok();
    TRY_VOID(take(std::string_view(buffer.data(), static_cast<std::size_t>(got))));
  }
}

Result<BackupEntry> measure(const BackupSource& source) {
  BackupEntry entry;
  entry.name = source.name;
  crypto::Digest digest(crypto::DigestKind::sha256);
  TRY_VOID(read_whole(source.path, [&](std::string_view bytes) -> Result<> {
    digest.update(bytes);
    entry.bytes += bytes.size();
    return common::ok();
  }));
  entry.sha256 = digest.finish_hex();
  return entry;
}

std::string length_of(std::size_t length) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>((length >> shift) & 0xff));
  return bytes;
}

Result<> write_all(BackupWriter& writer, const std::vector<BackupSource>& sources,
                   std::vector<BackupEntry>& entries) {
  for (const auto& source : sources) {
    TRY(auto entry, measure(source));
    entries.push_back(std::move(entry));
  }
  const auto list = serialise(entries);
  TRY_VOID(writer.add(length_of(list.size())));
  TRY_VOID(writer.add(list));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    std::uint64_t bytes = 0;
    TRY_VOID(read_whole(sources[i].path, [&](std::string_view piece) -> Result<> {
      bytes += piece.size();
      return writer.add(piece);
    }));
    if (bytes != entries[i].bytes)
      return Error(Errc::io, sources[i].path + " changed while it was read");
  }
  return writer.finish();
}

// Checks one file of the backup and writes it to `path` unless that is empty.
Result<> take_file(BackupReader& reader, const BackupEntry& entry, const std::string& path) {
  common::Result<> written = common::ok();
  std::shared_ptr<const int> file;
  if (!path.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return common::errno_error(errno, "writing " + path);
    file = own_descriptor(fd);
  }
  crypto::Digest digest(crypto::DigestKind::sha256);
  for (auto left = entry.bytes; left > 0;) {
    TRY(const auto bytes, reader.read(std::min<std::uint64_t>(left, kPieceBytes)));
    digest.update(bytes);
    if (file) TRY_VOID(write_descriptor(*file, bytes, path));
    left -= bytes.size();
  }
  if (digest.finish_hex() != entry.sha256)
    return Error(Errc::corrupt, entry.name + " in the backup is not what it was");
  if (file && fsync(*file) != 0) return common::errno_error(errno, "writing " + path);
  return written;
}

}  // namespace

Result<Backup> write_backup(const std::string& path, const std::vector<BackupSource>& sources,
                            BackupCover cover, const std::string& passphrase,
                            const RandomBytes& random) {
  Backup backup;
  cover.encrypted = !passphrase.empty();
  backup.cover = cover;
  TRY(auto writer, BackupWriter::begin(path, cover, passphrase, random));
  TRY_VOID(write_all(*writer, sources, backup.entries));
  return backup;
}

Result<Backup> read_backup(const std::string& path, const std::string& passphrase,
                           const std::string& into_folder) {
  Backup backup;
  TRY(auto reader, BackupReader::begin(path, passphrase, backup.cover));
  TRY(const auto length_bytes, reader->read(4));
  std::size_t length = 0;
  for (const unsigned char c : length_bytes) length = length << 8 | c;
  if (length > kListBytesMax) return Error(Errc::corrupt, "the backup's list is too long");
  TRY(const auto list, reader->read(length));
  TRY(backup.entries, parse_list(list));
  for (const auto& entry : backup.entries) {
    const auto target = into_folder.empty() ? std::string() : into_folder + "/" + entry.name;
    TRY_VOID(take_file(*reader, entry, target));
  }
  TRY_VOID(reader->finish());
  return backup;
}

}  // namespace angophora::clc::cli
