// The blob store on a local disk: a file per blob, and packs of small ones.
//
//   DIR/drafts/ID      being written; thrown away at the next start
//   DIR/blobs/xx/ID    kept, xx are the id's first two letters
//   DIR/packs/NAME     many small blobs (pack_log.h)
//   DIR/retired/ID     rubbish as it seems, blobs and packs; deleted after some days, should the
//                      database be the wrong one
#pragma once

#include "walrus/objects/blob_store.h"
#include "walrus/objects/pack_log.h"

namespace angophora::walrus {

class LocalBlobStore final : public BlobStore {
 public:
  struct Options {
    std::string dir;
    std::uint64_t reserve_bytes = 64 << 20;     // kept free, so that the database can go on
    std::uint64_t packed_bytes_max = 64 << 10;  // larger blobs have a file of their own
    std::uint64_t pack_bytes_max = 64 << 20;
    Disk* disk = &Disk::real();  // outlives the store and all NewBlobs
  };

  // Makes the folders that are missing and throws old drafts away. `start` names this start of
  // the daemon; blobs made by it are never rubbish for blobs_of_earlier_starts().
  static Result<std::unique_ptr<BlobStore>> open(Options options, std::string start);
  ~LocalBlobStore() override;

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
  Result<std::vector<Pack>> full_packs() const override { return packs_.full(); }
  Result<std::vector<Packed>> list_pack(const std::string& name) const override {
    return packs_.list(name);
  }
  Result<NewBlob> pack_anew(const std::string& id, std::string_view bytes) override {
    return packs_.append(id, bytes);
  }
  Result<> remove_pack(const std::string& name) override { return packs_.remove(name); }
  Result<std::uint64_t> free_bytes() const override;

 private:
  friend class FileDraft;
  friend class PackedDraft;
  LocalBlobStore(Options options, std::string start)
      : options_(std::move(options)),
        start_(std::move(start)),
        packs_(options_.dir + "/packs", start_, options_.pack_bytes_max, *options_.disk) {}
  Result<> make_folders();
  std::string draft_path(const std::string& id) const;
  std::string blob_path(const std::string& id) const;
  std::string retired_path(const std::string& id) const;
  std::string used_path(const std::string& id) const;  // of a blob or pack in use
  Result<> sync_folder_of(const std::string& id);

  Options options_;
  std::string start_;
  std::vector<int> shard_fds_;
  PackLog packs_;
};

}  // namespace angophora::walrus
