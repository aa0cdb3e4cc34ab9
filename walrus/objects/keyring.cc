#include "walrus/objects/keyring.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/crypto/aes.h"
#include "common/crypto/digest.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using common::Errc;
using common::Error;
using common::Result;

constexpr std::size_t kIvBytes = 16;

Result<> sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return common::errno_error(errno, "opening the folder " + folder);
  const bool synced = ::fsync(fd) == 0;
  const auto number = errno;
  ::close(fd);
  if (!synced) return common::errno_error(number, "syncing the folder " + folder);
  return common::ok();
}

// On disk before anything is encrypted with it.
Result<> write_key(const std::string& path, const std::string& key) {
  const auto draft = path + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return common::errno_error(errno, "making " + draft);
  const bool written =
      ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(fd) == 0;
  const auto number = errno;
  ::close(fd);
  if (!written) return common::errno_error(number, "writing " + draft);
  if (::rename(draft.c_str(), path.c_str()) != 0)
    return common::errno_error(errno, "keeping " + path);
  return sync_folder_of(path);
}

}  // namespace

Result<std::unique_ptr<Keyring>> Keyring::open(const std::string& path, const std::string& fresh,
                                               std::vector<std::string> names) {
  if (!std::filesystem::exists(path)) TRY_VOID(write_key(path, fresh));
  std::ifstream file(path, std::ios::binary);
  std::string key{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof())
    return Error(Errc::io, "the master key " + path + " cannot be read");
  if (key.size() != crypto::kGcmKeyBytes)
    return Error(Errc::corrupt, "the master key " + path + " has not 32 bytes");
  return std::unique_ptr<Keyring>(new Keyring(std::move(key), std::move(names)));
}

Result<std::string> Keyring::named(const std::string& name) const {
  if (std::find(names_.begin(), names_.end(), name) == names_.end())
    return Error(S3Errc::kms_not_found, "Key '" + name + "' does not exist");
  return crypto::hmac_sha256(master_, "kms " + name);
}

std::string blob_iv(const std::string& blob) {
  return crypto::sha256("iv of blob " + blob).substr(0, kIvBytes);
}

}  // namespace angophora::walrus
