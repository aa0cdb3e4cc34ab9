// A blob store in memory, for tests: what LocalBlobStore promises, without a disk. It has no packs.
#pragma once

#include <map>
#include <mutex>

#include "walrus/objects/blob_store.h"

namespace angophora::walrus {

class MemoryBlobStore final : public BlobStore {
 public:
  explicit MemoryBlobStore(std::string start) : start_(std::move(start)) {}
  // As the next start of the daemon finds it.
  void restart(std::string start) { start_ = std::move(start); }
  // What retire() takes for the present.
  void set_time(std::chrono::system_clock::time_point now) { now_ = now; }

  Result<std::unique_ptr<Draft>> draft(std::string name,
                                       std::optional<std::uint64_t> size_bytes) override;
  Result<std::shared_ptr<const OpenBlob>> open(const std::string& id,
                                               const BlobPlace& place) const override;
  Result<> remove(const std::string& id) override;
  Result<> retire(const std::string& id) override;
  Result<> restore(const std::string& id) override;
  Result<std::vector<Retired>> retired() const override;
  Result<> delete_retired(const std::string& id) override;
  Result<std::vector<std::string>> blobs_of_earlier_starts(int shard) const override;
  Result<std::vector<Pack>> full_packs() const override { return std::vector<Pack>(); }
  Result<std::vector<Packed>> list_pack(const std::string& name) const override;
  Result<NewBlob> pack_anew(const std::string& id, std::string_view bytes) override;
  Result<> remove_pack(const std::string&) override { return common::ok(); }
  Result<std::uint64_t> free_bytes() const override { return UINT64_MAX; }

 private:
  friend class MemoryDraft;
  using Bytes = std::shared_ptr<const std::string>;
  std::string start_;
  std::chrono::system_clock::time_point now_{};
  mutable std::mutex mutex_;  // of what follows
  std::map<std::string, Bytes> blobs_;
  std::map<std::string, std::pair<Bytes, std::chrono::system_clock::time_point>> retired_;
};

}  // namespace angophora::walrus
