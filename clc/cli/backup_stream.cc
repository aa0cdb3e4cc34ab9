#include "clc/cli/backup_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>

#include "common/base/encoding.h"
#include "common/crypto/aes.h"
#include "common/crypto/passphrase.h"

namespace angophora::clc::cli {
namespace {

namespace json = boost::json;
using common::Errc;
using common::Error;
using common::Result;

constexpr std::string_view kMagic = "ANGOPHORA BACKUP ";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kLineMax = 4096, kDigestBytes = 32, kSaltBytes = 16;
constexpr std::size_t kSealedMax = kPieceBytes + 64;

// What a piece is sealed for.
std::string place_of(const std::string& cover, std::uint64_t index, bool is_last) {
  return cover + ":" + std::to_string(index) + (is_last ? ":last" : "");
}

std::string serialise(const BackupCover& cover, const std::string& salt) {
  json::object object{{"made_at", common::format_iso8601(cover.made_at)},
                      {"version", cover.version},
                      {"cipher", cover.encrypted ? "aes-256-gcm" : "none"}};
  if (cover.encrypted) {
    object["kdf"] = "scrypt-32768-8-1";
    object["salt"] = common::hex_encode(salt);
  }
  return json::serialize(object);
}

std::string text_at(const json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

}  // namespace

std::shared_ptr<const int> own_descriptor(int fd) {
  return std::shared_ptr<const int>(new int(fd), [](const int* owned) {
    close(*owned);
    delete owned;
  });
}

Result<> write_descriptor(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return common::errno_error(errno, "writing " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return common::ok();
}

// --- writing ---

Result<std::unique_ptr<BackupWriter>> BackupWriter::begin(const std::string& path,
                                                          const BackupCover& cover,
                                                          const std::string& passphrase,
                                                          const RandomBytes& random) {
  if (std::filesystem::exists(path)) return Error(Errc::already_exists, path + " is there already");
  std::unique_ptr<BackupWriter> writer(new BackupWriter);
  writer->path_ = path;
  writer->draft_ = path + ".partial";
  writer->random_ = random;
  unlink(writer->draft_.c_str());
  const int fd = open(writer->draft_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return common::errno_error(errno, "writing " + writer->draft_);
  writer->file_ = own_descriptor(fd);
  std::string salt;
  if (cover.encrypted) {
    salt = random(kSaltBytes);
    TRY(writer->key_, crypto::key_from_passphrase(passphrase, salt));
  }
  std::string head(kMagic);
  head.append(kVersion).append("\n").append(serialise(cover, salt)).append("\n");
  writer->cover_sha_ = crypto::sha256_hex(head);
  TRY_VOID(writer->put(head));
  return writer;
}

BackupWriter::~BackupWriter() {
  if (!draft_.empty()) unlink(draft_.c_str());
}

Result<> BackupWriter::put(std::string_view bytes) {
  digest_.update(bytes);
  return write_descriptor(*file_, bytes, draft_);
}

Result<> BackupWriter::put_piece(bool is_last) {
  std::string piece = waiting_.substr(0, kPieceBytes);
  waiting_.erase(0, piece.size());
  if (!key_.empty()) {
    const auto place = place_of(cover_sha_, index_, is_last);
    TRY(piece, crypto::seal(key_, random_(crypto::kGcmNonceBytes), piece, place));
  }
  ++index_;
  std::string head(1, is_last ? '\1' : '\0');
  for (int shift = 24; shift >= 0; shift -= 8)
    head.push_back(static_cast<char>((piece.size() >> shift) & 0xff));
  TRY_VOID(put(head));
  return put(piece);
}

Result<> BackupWriter::add(std::string_view bytes) {
  waiting_ += bytes;
  while (waiting_.size() > kPieceBytes) TRY_VOID(put_piece(false));
  return common::ok();
}

Result<> BackupWriter::finish() {
  TRY_VOID(put_piece(true));
  TRY_VOID(write_descriptor(*file_, digest_.finish(), draft_));
  if (fsync(*file_) != 0) return common::errno_error(errno, "writing " + draft_);
  if (rename(draft_.c_str(), path_.c_str()) != 0)
    return common::errno_error(errno, "giving the backup its name " + path_);
  draft_.clear();
  const auto folder = std::filesystem::absolute(path_).parent_path();
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return common::errno_error(errno, "opening " + folder.string());
  const auto owned = own_descriptor(fd);
  if (fsync(fd) != 0) return common::errno_error(errno, "writing " + folder.string());
  return common::ok();
}

// --- reading ---

Result<std::unique_ptr<BackupReader>> BackupReader::begin(const std::string& path,
                                                          const std::string& passphrase,
                                                          BackupCover& cover) {
  std::unique_ptr<BackupReader> reader(new BackupReader);
  reader->path_ = path;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return common::errno_error(errno, "reading " + path);
  reader->file_ = own_descriptor(fd);
  struct stat found {};
  if (fstat(fd, &found) != 0) return common::errno_error(errno, "reading " + path);
  const auto size = static_cast<std::uint64_t>(found.st_size);
  if (!S_ISREG(found.st_mode) || size <= kDigestBytes)
    return Error(Errc::corrupt, path + " is no backup");
  reader->left_ = size - kDigestBytes;
  TRY_VOID(reader->check_digest());
  TRY_VOID(reader->read_cover(cover, passphrase));
  return reader;
}

// Before anything of it is believed. The pieces of an encrypted one prove themselves besides.
Result<> BackupReader::check_digest() {
  const auto all = left_;
  std::string first;
  TRY_VOID(take(std::min<std::uint64_t>(kMagic.size(), left_), first));
  if (first != kMagic) return Error(Errc::corrupt, path_ + " is no backup");
  crypto::Digest digest(crypto::DigestKind::sha256);
  digest.update(first);
  while (left_ > 0) {
    std::string bytes;
    TRY_VOID(take(std::min<std::uint64_t>(left_, kPieceBytes), bytes));
    digest.update(bytes);
  }
  left_ = kDigestBytes;
  std::string expected;
  TRY_VOID(take(kDigestBytes, expected));
  if (digest.finish() != expected)
    return Error(Errc::corrupt, path_ + " is damaged: its checksum does not fit");
  if (lseek(*file_, 0, SEEK_SET) != 0) return common::errno_error(errno, "reading " + path_);
  left_ = all;
  return common::ok();
}

Result<> BackupReader::take(std::size_t count, std::string& bytes) {
  if (count > left_) return Error(Errc::corrupt, path_ + " ends too early");
  bytes.assign(count, '\0');
  for (std::size_t at = 0; at < count;) {
    const auto got = ::read(*file_, bytes.data() + at, count - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return common::errno_error(errno, "reading " + path_);
    if (got == 0) return Error(Errc::corrupt, path_ + " ends too early");
    at += static_cast<std::size_t>(got);
  }
  left_ -= count;
  return common::ok();
}

Result<std::string> BackupReader::take_line() {
  std::string line;
  for (;;) {
    std::string next;
    TRY_VOID(take(1, next));
    if (next == "\n") return line;
    line += next;
    if (line.size() > kLineMax) return Error(Errc::corrupt, path_ + " is no backup");
  }
}

Result<> BackupReader::read_cover(BackupCover& cover, const std::string& passphrase) {
  TRY(const auto first, take_line());
  const auto version = first.substr(std::min(first.size(), kMagic.size()));
  if (version != kVersion)
    return Error(Errc::corrupt, path_ + " has the format " + version + "; this program reads " +
                                    std::string(kVersion));
  TRY(const auto text, take_line());
  boost::system::error_code failed;
  const auto value = json::parse(text, failed);
  if (failed || !value.is_object()) return Error(Errc::corrupt, path_ + " has no readable cover");
  const auto& object = value.as_object();
  cover.version = text_at(object, "version");
  const auto made_at = common::parse_iso8601(text_at(object, "made_at"));
  if (!made_at) return Error(Errc::corrupt, path_ + " does not say when it was made");
  cover.made_at = *made_at;
  const auto cipher = text_at(object, "cipher");
  cover.encrypted = cipher != "none";
  cover_sha_ = crypto::sha256_hex(first + "\n" + text + "\n");
  if (!cover.encrypted) return common::ok();
  if (cipher != "aes-256-gcm" || text_at(object, "kdf") != "scrypt-32768-8-1")
    return Error(Errc::corrupt, path_ + " is encrypted in a way that this program does not know");
  if (passphrase.empty())
    return Error(Errc::permission_denied, path_ + " is encrypted: its passphrase is needed");
  const auto salt = common::hex_decode(text_at(object, "salt"));
  if (!salt) return Error(Errc::corrupt, path_ + " has no readable salt");
  TRY(key_, crypto::key_from_passphrase(passphrase, *salt));
  return common::ok();
}

Result<> BackupReader::next_piece() {
  if (last_seen_) return Error(Errc::corrupt, path_ + " holds less than its list says");
  std::string head;
  TRY_VOID(take(5, head));
  const bool is_last = head[0] == '\1';
  std::size_t length = 0;
  for (const unsigned char c : std::string_view(head).substr(1)) length = length << 8 | c;
  if (length > kSealedMax) return Error(Errc::corrupt, path_ + " has a piece that is too long");
  std::string piece;
  TRY_VOID(take(length, piece));
  if (!key_.empty()) {
    auto opened = crypto::open(key_, piece, place_of(cover_sha_, index_, is_last));
    if (!opened)
      return Error(Errc::permission_denied,
                   "the passphrase of " + path_ + " is another one, or the file was altered");
    piece = std::move(opened).assume_value();
  }
  ++index_;
  last_seen_ = is_last;
  waiting_.erase(0, waiting_at_);
  waiting_at_ = 0;
  waiting_ += piece;
  return common::ok();
}

Result<std::string> BackupReader::read(std::size_t count) {
  while (waiting_.size() - waiting_at_ < count) TRY_VOID(next_piece());
  auto bytes = waiting_.substr(waiting_at_, count);
  waiting_at_ += count;
  return bytes;
}

Result<> BackupReader::finish() {
  if (!last_seen_ || left_ > 0 || waiting_at_ != waiting_.size())
    return Error(Errc::corrupt, path_ + " holds more than its list says");
  return common::ok();
}

}  // namespace angophora::clc::cli
