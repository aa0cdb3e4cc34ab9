// The files of an audit log: audit-N.jsonl, the newest of which grows, the head, and the key that
// seals their chain. Blocking; one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/audit/chain.h"
#include "common/base/result.h"

namespace angophora::audit {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

inline constexpr std::size_t kKeyBytes = 32;

struct Limits {
  std::uint64_t file_bytes_max = 64ull << 20;
  // Of all files together; the oldest go. At least that of two files.
  std::uint64_t total_bytes_max = 1ull << 30;
};
inline Limits limits_in_mib(std::uint32_t file, std::uint32_t total) {
  return {std::uint64_t{file} << 20, std::uint64_t{total} << 20};
}

class Store {
 public:
  // What opening found that should not be, for the log.
  struct Opened {
    std::unique_ptr<Store> store;
    std::string torn;     // a last line that was cut short by a kill, and is taken away
    std::string missing;  // what the head knows of and the files do not have
  };
  // Makes the folder (0700) at the first start, with `new_key`, kKeyBytes of random. Errc::corrupt
  // when there are files without their key, or with a head of another key.
  static Result<Opened> open(const std::string& folder, Limits limits, std::string_view new_key);
  ~Store();
  Store(const Store&) = delete;

  // Appends them, each one JSON object without an end of line, and remembers how far it came. They
  // are with the system then: a killed process loses none of them, a machine without power what
  // was not synced.
  Result<> append(const std::vector<std::string>& records);
  // What brings all that was appended so far to the disk; any thread may call it later, also
  // beside append().
  std::function<Result<>()> syncer() const;

 private:
  struct File {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    Link before;  // the line before its first
  };
  Store(std::string folder, Limits limits) : folder_(std::move(folder)), limits_(limits) {}
  Result<> load(Opened& found);
  Result<> find_files();
  Result<> open_newest();
  Result<> rotate();
  Result<> keep_head();

  std::string folder_;
  Limits limits_;
  std::string key_;
  std::deque<File> files_;
  Link last_;
  int fd_ = -1;
  int head_fd_ = -1;
};

// The key of the log in `folder`. Errc::not_found.
Result<std::string> read_key(const std::string& folder);

}  // namespace angophora::audit
