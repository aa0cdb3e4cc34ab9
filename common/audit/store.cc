#include "common/audit/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

namespace angophora::audit {
namespace {

namespace fs = std::filesystem;

Error failed(const std::string& step, const std::string& path) {
  return common::errno_error(errno, step + " " + path);
}

Result<> write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const auto count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failed("writing", path);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return common::ok();
}

Result<> make_key(const std::string& path, std::string_view key) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return failed("making", path);
  const auto written = write_all(fd, key, path);
  ::fsync(fd);
  ::close(fd);
  return written;
}

std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The last whole line of a file and where it ends; "" when it has none.
struct Tail {
  std::string line;
  std::uint64_t end = 0;
  std::uint64_t size = 0;
};
Result<Tail> tail_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return failed("reading", path);
  Tail tail;
  tail.size = static_cast<std::uint64_t>(in.tellg());
  std::string bytes;
  for (std::uint64_t want = 64 * 1024;; want *= 4) {
    const auto count = std::min(want, tail.size);
    bytes.resize(count);
    in.clear();
    in.seekg(static_cast<std::streamoff>(tail.size - count));
    in.read(bytes.data(), static_cast<std::streamsize>(count));
    const auto end = bytes.rfind('\n');
    const auto begin = end == std::string::npos || end == 0 ? end : bytes.rfind('\n', end - 1);
    const bool is_whole_file = count == tail.size;
    if (end != std::string::npos && (begin != std::string::npos || is_whole_file)) {
      const auto from = begin == std::string::npos || begin == end ? 0 : begin + 1;
      tail.line = bytes.substr(from, end - from);
      tail.end = tail.size - count + end + 1;
      return tail;
    }
    if (is_whole_file) return tail;
  }
}

}  // namespace

Result<std::string> read_key(const std::string& folder) {
  const auto path = folder + "/key";
  if (!fs::exists(path)) return Error(Errc::not_found, "there is no key " + path);
  auto key = read_whole(path);
  if (key.size() != kKeyBytes) return Error(Errc::corrupt, path + " is no key of an audit log");
  return key;
}

Store::~Store() {
  if (fd_ >= 0) ::close(fd_);
  if (head_fd_ >= 0) ::close(head_fd_);
}

Result<Store::Opened> Store::open(const std::string& folder, Limits limits,
                                  std::string_view new_key) {
  std::error_code made;
  fs::create_directories(folder, made);
  if (made) return Error(Errc::io, "making " + folder + ": " + made.message());
  fs::permissions(folder, fs::perms::owner_all, made);
  limits.total_bytes_max = std::max(limits.total_bytes_max, 2 * limits.file_bytes_max);
  Opened found;
  found.store.reset(new Store(folder, limits));
  TRY_VOID(found.store->find_files());
  const bool is_new = found.store->files_.empty() && !fs::exists(folder + "/head");
  if (is_new && !fs::exists(folder + "/key")) TRY_VOID(make_key(folder + "/key", new_key));
  TRY(found.store->key_, read_key(folder));
  TRY_VOID(found.store->load(found));
  return found;
}

Result<> Store::find_files() {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder_, failure)) {
    const auto number = file_number(entry.path().filename().string());
    if (number) files_.push_back({*number, entry.file_size(failure), {}});
  }
  if (failure) return Error(Errc::io, "reading " + folder_ + ": " + failure.message());
  std::sort(files_.begin(), files_.end(),
            [](const File& a, const File& b) { return a.number < b.number; });
  return common::ok();
}

Result<> Store::load(Opened& found) {
  const auto head_path = folder_ + "/head";
  const auto text = read_whole(head_path);
  const auto head = read_head(key_, text);
  if (!head && (!text.empty() || !files_.empty()))
    found.missing = text.empty() ? "the head of the log is missing" : "the head was changed";
  if (head) {
    last_ = head->before_first;
    while (!files_.empty() && files_.front().number < head->first_file) {
      ::unlink((folder_ + "/" + file_name(files_.front().number)).c_str());
      files_.pop_front();
    }
  }
  for (auto& file : files_) {
    file.before = last_;
    const auto path = folder_ + "/" + file_name(file.number);
    TRY(const auto tail, tail_of(path));
    if (const auto link = link_of(tail.line)) last_ = *link;
    if (tail.end == tail.size || file.number != files_.back().number) continue;
    found.torn = std::to_string(tail.size - tail.end) + " bytes at the end of " + path;
    if (::truncate(path.c_str(), static_cast<off_t>(tail.end)) < 0) return failed("cutting", path);
    file.bytes = tail.end;
  }
  if (head && head->last.sequence > last_.sequence) {
    found.missing = "records " + std::to_string(last_.sequence + 1) + " to " +
                    std::to_string(head->last.sequence) + " are missing";
    last_ = head->last;  // the gap stays visible
  }
  if (files_.empty()) files_.push_back({head ? head->file + 1 : 1, 0, last_});
  head_fd_ = ::open(head_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (head_fd_ < 0) return failed("opening", head_path);
  TRY_VOID(open_newest());
  return keep_head();
}

Result<> Store::open_newest() {
  const auto path = folder_ + "/" + file_name(files_.back().number);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return failed("opening", path);
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
  return common::ok();
}

Result<> Store::append(const std::vector<std::string>& records) {
  if (files_.back().bytes >= limits_.file_bytes_max) TRY_VOID(rotate());
  auto link = last_;
  std::string lines;
  for (const auto& record : records) lines.append(chain_line(key_, record, link)).append("\n");
  auto& file = files_.back();
  const auto written = write_all(fd_, lines, file_name(file.number));
  if (!written) {
    // What a full disk took of them would be a line that nobody promised.
    if (::ftruncate(fd_, static_cast<off_t>(file.bytes)) < 0) return failed("cutting", folder_);
    return written;
  }
  file.bytes += lines.size();
  last_ = std::move(link);
  return keep_head();
}

// The head goes on before an old file does: one that is left over is known to be.
Result<> Store::rotate() {
  TRY_VOID(syncer()());
  files_.push_back({files_.back().number + 1, 0, last_});
  if (const auto opened = open_newest(); !opened) {
    files_.pop_back();
    return opened;
  }
  std::uint64_t total = 0;
  for (const auto& file : files_) total += file.bytes;
  std::vector<std::uint64_t> old;
  while (files_.size() > 1 && total + limits_.file_bytes_max > limits_.total_bytes_max) {
    total -= files_.front().bytes;
    old.push_back(files_.front().number);
    files_.pop_front();
  }
  TRY_VOID(keep_head());
  for (const auto number : old) ::unlink((folder_ + "/" + file_name(number)).c_str());
  return common::ok();
}

Result<> Store::keep_head() {
  const Head head{files_.front().number, files_.front().before, files_.back().number, last_};
  const auto text = write_head(key_, head);
  if (::pwrite(head_fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return failed("writing", folder_ + "/head");
  return common::ok();
}

std::function<Result<>()> Store::syncer() const {
  const auto keep = [](int fd) {
    return std::shared_ptr<const int>(new int(::dup(fd)), [](const int* own) {
      if (*own >= 0) ::close(*own);
      delete own;
    });
  };
  return [file = keep(fd_), head = keep(head_fd_), folder = folder_]() -> Result<> {
    if (::fdatasync(*file) < 0 || ::fdatasync(*head) < 0) return failed("syncing", folder);
    return common::ok();
  };
}

}  // namespace angophora::audit
