// The pieces that a backup's bytes travel in; see backup_file.h. Blocking.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "clc/cli/backup_file.h"
#include "common/crypto/digest.h"

namespace angophora::clc::cli {

inline constexpr std::size_t kPieceBytes = 1 << 20;

// Closes it when the last copy goes.
std::shared_ptr<const int> own_descriptor(int fd);
common::Result<> write_descriptor(int fd, std::string_view bytes, const std::string& path);

class BackupWriter {
 public:
  static common::Result<std::unique_ptr<BackupWriter>> begin(const std::string& path,
                                                             const BackupCover& cover,
                                                             const std::string& passphrase,
                                                             const RandomBytes& random);
  // Removes what was written unless finish() succeeded.
  ~BackupWriter();
  common::Result<> add(std::string_view bytes);
  // Writes the rest, syncs, and gives the file its name.
  common::Result<> finish();

 private:
  BackupWriter() = default;
  common::Result<> put(std::string_view bytes);
  common::Result<> put_piece(bool is_last);

  std::string path_, draft_;
  std::shared_ptr<const int> file_;
  std::string key_;        // empty: not encrypted
  std::string cover_sha_;  // of the bytes before the pieces
  RandomBytes random_;
  std::string waiting_;
  std::uint64_t index_ = 0;
  crypto::Digest digest_{crypto::DigestKind::sha256};
};

class BackupReader {
 public:
  // Reads the cover into `cover`, and checks the digest of the whole file.
  static common::Result<std::unique_ptr<BackupReader>> begin(const std::string& path,
                                                             const std::string& passphrase,
                                                             BackupCover& cover);
  // The next `count` bytes.
  common::Result<std::string> read(std::size_t count);
  // Errc::corrupt when bytes are left.
  common::Result<> finish();

 private:
  BackupReader() = default;
  common::Result<> check_digest();
  common::Result<> read_cover(BackupCover& cover, const std::string& passphrase);
  common::Result<> next_piece();
  common::Result<> take(std::size_t count, std::string& bytes);  // of the file
  common::Result<std::string> take_line();

  std::string path_;
  std::shared_ptr<const int> file_;
  std::uint64_t left_ = 0;  // of the file, before its digest
  std::string key_, cover_sha_;
  std::string waiting_;
  std::size_t waiting_at_ = 0;
  std::uint64_t index_ = 0;
  bool last_seen_ = false;
};

}  // namespace angophora::clc::cli
