// VOLUME-ID.SNAPSHOT-ID.before: a pending snapshot of a volume. It says which chunks are still to
// be read, and has the old bytes, in their own places, of those that were written meanwhile.
//
// Threads: any, of several programs.
// Errors:  errno, 0 for none.
#pragma once

#include <array>
#include <mutex>
#include <string>

#include "sc/nbdkit/volume_map.h"

namespace angophora::sc {

class BeforeFile {
 public:
  using Digest = std::array<char, 32>;  // SHA-256

  static std::string path_of(const std::string& raw_path, const std::string& snapshot);
  // Makes it with every chunk needed.
  static int make(const std::string& path, std::uint64_t volume_bytes);
  // Null, with the reason in `why`. After a crash of the machine copies that were not finished are
  // none.
  static std::unique_ptr<BeforeFile> open(const std::string& path, std::uint64_t volume_bytes,
                                          std::string& why);

  ChunkBits& needed() { return needed_; }  // to be spared
  ChunkBits& copied() { return copied_; }  // whose old bytes are here
  ChunkBits& done() { return done_; }      // whose bytes are in the object store

  // Copies the chunk's bytes from the volume, unless that is done or not needed; they are on the
  // disk afterwards. A failure ends the snapshot and not the write that asked.
  void spare(int volume_fd, std::uint32_t chunk);
  // The chunk as it was at the point in time.
  int read(int volume_fd, std::uint32_t chunk, void* to);
  // It is in the object store under this name: written to the disk, then it is no longer needed.
  int set_done(std::uint32_t chunk, const Digest& name);
  // The same, but on the disk only with the next sync().
  void note_done(std::uint32_t chunk, const Digest& name);
  Digest name_of(std::uint32_t chunk) const { return done_names_[chunk]; }

  // Why the snapshot cannot be finished; 0 when it can.
  int failure() const { return static_cast<int>(head_->failure.load()); }
  void fail(int number);
  int sync() { return file_->sync(); }

 private:
  struct Head {
    char magic[8];
    std::uint64_t volume_bytes;
    BootId boot;
    std::atomic<std::uint32_t> failure;
  };
  static constexpr std::size_t kHeadBytes = 4096;

  BeforeFile(std::unique_ptr<MappedFile> file, std::uint32_t chunks);
  static std::uint64_t data_at(std::uint32_t chunks);
  ChunkBits bits(int index) const;
  int copy(int volume_fd, std::uint32_t chunk);
  int judge_copies();

  std::unique_ptr<MappedFile> file_;
  std::uint32_t chunks_;
  Head* head_;
  ChunkBits needed_, copied_, done_;
  Digest* copied_names_;
  Digest* done_names_;
  std::array<std::mutex, 16> turns_;  // of chunks that are copied
};

BeforeFile::Digest sha256_of(const void* bytes, std::size_t count);

}  // namespace angophora::sc
