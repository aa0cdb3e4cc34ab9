// A backup of the cloud's keys and database: one file, mode 0600.
//
//   ANGOPHORA BACKUP 1\n
//   cover: one line of JSON (when, by which version, whether and how it is encrypted)\n
//   pieces: 0 (more follow) or 1 (the last), length (4 bytes, big endian), that many bytes
//   SHA-256 of everything before it, 32 bytes
//
// The pieces together, each opened with the passphrase's key when it is encrypted, are: the length
// of the list (4 bytes), the list (JSON: name, size, digest of each file), the files. A piece is
// sealed for its place and for this cover, so that none can be left out, moved or exchanged.
//
// Errors: Errc::corrupt for a file that is damaged or no backup, with what is wrong;
// Errc::permission_denied for a passphrase that is missing or wrong. Blocking.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"

namespace angophora::clc::cli {

struct BackupCover {
  common::SysTime made_at{};
  std::string version;  // of the program that made it
  bool encrypted = false;
};

struct BackupEntry {
  std::string name;  // e.g. keys/image.key
  std::uint64_t bytes = 0;
  std::string sha256;  // hex
};

struct Backup {
  BackupCover cover;
  std::vector<BackupEntry> entries;
};

struct BackupSource {
  std::string name;
  std::string path;
};

inline constexpr char kWalrusKeyInBackup[] = "walrus/master-key";

using RandomBytes = std::function<std::string(std::size_t)>;

// Writes `path` whole or not at all; one that is there already is Errc::already_exists. An empty
// passphrase leaves it unencrypted.
common::Result<Backup> write_backup(const std::string& path,
                                    const std::vector<BackupSource>& sources, BackupCover cover,
                                    const std::string& passphrase, const RandomBytes& random);

// Checks all of it. With a folder, the files are written there, mode 0600, below the names they
// have; on failure what was written is of no use.
common::Result<Backup> read_backup(const std::string& path, const std::string& passphrase,
                                   const std::string& into_folder = {});

}  // namespace angophora::clc::cli
