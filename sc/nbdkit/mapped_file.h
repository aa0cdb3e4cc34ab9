// A file in memory, shared with every other program that has it: what one stores the others see,
// and what a killed program has stored stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace angophora::sc {

// Any thread. Errors are errno, 0 for none.
class MappedFile {
 public:
  // The first `bytes` of an existing file, which must have `file_bytes`. Null with the reason in
  // `why`.
  static std::unique_ptr<MappedFile> open(const std::string& path, std::size_t bytes,
                                          std::uint64_t file_bytes, std::string& why);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // At `offset` lies a T, or an array of them. T is a plain struct of atomics.
  template <class T>
  T* at(std::size_t offset) const {
    return reinterpret_cast<T*>(static_cast<char*>(memory_) + offset);
  }
  int fd() const { return fd_; }
  int sync() const;

 private:
  MappedFile(int fd, void* memory, std::size_t bytes) : fd_(fd), memory_(memory), bytes_(bytes) {}
  const int fd_;
  void* const memory_;
  const std::size_t bytes_;
};

// Makes a file of `bytes` that begins with `head`; the first `allocated` have their room, so that
// storing to them in memory cannot fail, and what lies behind them is sparse. It gets its name when
// it is whole; one that is there already stays.
int make_file(const std::string& path, const std::vector<char>& head, std::uint64_t allocated,
              std::uint64_t bytes);
int sync_folder_of(const std::string& path);
// All or nothing; ends of the file are EIO.
int read_all(int fd, void* to, std::size_t count, std::uint64_t offset);
int write_all(int fd, const void* from, std::size_t count, std::uint64_t offset);

// Names this boot of the machine; 36 characters and a zero.
struct BootId {
  char text[40] = {};
  bool operator==(const BootId&) const = default;
};
BootId this_boot();

}  // namespace angophora::sc
