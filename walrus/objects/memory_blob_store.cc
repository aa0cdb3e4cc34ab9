#include "walrus/objects/memory_blob_store.h"

#include <cstring>

#include "common/base/encoding.h"
#include "common/crypto/crc.h"

namespace angophora::walrus {
namespace {

Error not_there(const std::string& id) {
  return Error(common::Errc::not_found, "blob " + id + " is not there");
}

class MemoryBlob final : public OpenBlob {
 public:
  MemoryBlob(std::string id, std::shared_ptr<const std::string> bytes)
      : id_(std::move(id)), bytes_(std::move(bytes)) {}
  Result<> read(std::uint64_t offset, std::span<char> into) const override {
    if (offset > bytes_->size() || into.size() > bytes_->size() - offset)
      return Error(common::Errc::corrupt, "blob " + id_ + " is shorter than it must be");
    std::memcpy(into.data(), bytes_->data() + offset, into.size());
    return common::ok();
  }
  void drop_cached(std::uint64_t, std::uint64_t) const override {}
  std::optional<http::FileRange> file(std::uint64_t, std::uint64_t) const override {
    return std::nullopt;
  }

 private:
  std::string id_;
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace

class MemoryDraft final : public Draft {
 public:
  MemoryDraft(MemoryBlobStore& store, std::string id) : Draft(std::move(id)), store_(store) {}
  Result<> write(std::string_view bytes) override {
    bytes_ += bytes;
    size_bytes_ = bytes_.size();
    return common::ok();
  }
  Result<NewBlob> keep() override {
    NewBlob blob{id_, size_bytes_, {}, crypto::crc32c(bytes_)};
    std::lock_guard lock(store_.mutex_);
    store_.blobs_[id_] = std::make_shared<const std::string>(std::move(bytes_));
    return blob;
  }

 private:
  MemoryBlobStore& store_;
  std::string bytes_;
};

Result<std::unique_ptr<Draft>> MemoryBlobStore::draft(std::string name,
                                                      std::optional<std::uint64_t>) {
  return std::unique_ptr<Draft>(std::make_unique<MemoryDraft>(*this, name + "-" + start_));
}

Result<std::shared_ptr<const OpenBlob>> MemoryBlobStore::open(const std::string& id,
                                                              const BlobPlace&) const {
  std::lock_guard lock(mutex_);
  const auto found = blobs_.find(id);
  if (found == blobs_.end()) return not_there(id);
  return std::shared_ptr<const OpenBlob>(std::make_shared<MemoryBlob>(id, found->second));
}

Result<> MemoryBlobStore::remove(const std::string& id) {
  std::lock_guard lock(mutex_);
  blobs_.erase(id);
  return common::ok();
}

Result<> MemoryBlobStore::retire(const std::string& id) {
  std::lock_guard lock(mutex_);
  auto node = blobs_.extract(id);
  if (!node) return not_there(id);
  retired_[id] = {node.mapped(), now_};
  return common::ok();
}

Result<> MemoryBlobStore::restore(const std::string& id) {
  std::lock_guard lock(mutex_);
  auto node = retired_.extract(id);
  if (!node) return not_there(id);
  blobs_[id] = node.mapped().first;
  return common::ok();
}

Result<std::vector<BlobStore::Retired>> MemoryBlobStore::retired() const {
  std::lock_guard lock(mutex_);
  std::vector<Retired> all;
  for (const auto& [id, entry] : retired_) all.push_back({id, entry.second});
  return all;
}

Result<> MemoryBlobStore::delete_retired(const std::string& id) {
  std::lock_guard lock(mutex_);
  retired_.erase(id);
  return common::ok();
}

Result<std::vector<std::string>> MemoryBlobStore::blobs_of_earlier_starts(int shard) const {
  const auto prefix = common::hex_encode(std::string(1, static_cast<char>(shard)));
  std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& [id, bytes] : blobs_)
    if (id.starts_with(prefix) && !id.ends_with("-" + start_)) ids.push_back(id);
  return ids;
}

Result<std::vector<BlobStore::Packed>> MemoryBlobStore::list_pack(const std::string& name) const {
  return Error(common::Errc::not_found, "there is no pack " + name);
}

Result<NewBlob> MemoryBlobStore::pack_anew(const std::string& id, std::string_view) {
  return Error(common::Errc::invalid_argument, "blob " + id + " is not in a pack");
}

}  // namespace angophora::walrus
