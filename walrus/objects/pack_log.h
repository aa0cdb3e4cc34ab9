// Packs: files of the local blob store in which small blobs lie one behind the other, so that many
// of them share one sync. A pack only grows; each start of the daemon begins new ones, so that
// nothing is ever written behind the torn end that a crash has left.
//
//   FOLDER/pack-START-N    records of a header of 64 bytes (magic, CRC of the header, size, CRC of
//                          the data, id of the blob) and the data
//
// Threads: any; calls block.
// Errors:  as BlobStore's.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "walrus/objects/disk_file.h"

namespace angophora::walrus {

class PackLog {
 public:
  PackLog(std::string folder, std::string start, std::uint64_t pack_bytes_max,
          Disk& disk = Disk::real())
      : folder_(std::move(folder)),
        start_(std::move(start)),
        pack_bytes_max_(pack_bytes_max),
        disk_(disk) {}

  // Written, but on disk only after NewBlob::settle(), which one of many does for all.
  Result<NewBlob> append(const std::string& id, std::string_view bytes);
  Result<std::shared_ptr<const OpenBlob>> open(const std::string& id, const BlobPlace& place) const;

  Result<std::vector<BlobStore::Pack>> full() const;
  Result<std::vector<BlobStore::Packed>> list(const std::string& name) const;
  // One that is not there counts as removed.
  Result<> remove(const std::string& name);
  // Its file is about to go elsewhere.
  void forget(const std::string& name);
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  struct Growing;
  Result<> begin_pack();
  static Result<> settle(Disk& disk, Growing& pack, std::uint64_t end);
  Result<std::shared_ptr<const int>> file_of(const std::string& name) const;

  const std::string folder_, start_;
  const std::uint64_t pack_bytes_max_;
  Disk& disk_;
  mutable std::mutex mutex_;  // of what follows
  std::shared_ptr<Growing> growing_;
  std::map<std::string, std::weak_ptr<Growing>> of_this_start_;
  int begun_ = 0;
  mutable std::map<std::string, std::shared_ptr<const int>> open_;
};

}  // namespace angophora::walrus
