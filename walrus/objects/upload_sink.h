// One body on its way to the disk: checked and written as it arrives.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/aes.h"
#include "walrus/domain/object.h"
#include "walrus/objects/blob_store.h"
#include "walrus/objects/body_check.h"

namespace angophora::walrus {

// What has arrived; its bytes are on disk.
struct ReceivedBody {
  std::vector<Segment> content;  // at most one: empty bodies have no blob
  std::uint64_t size_bytes = 0;
  Digests digests;
};

// Threads: used by one thread at a time, on the pool.
// Errors:  those of BodyCheck and Draft.
class UploadSink {
 public:
  // `blob_name` is 24 random hex digits. With a data key what lies on disk is encrypted.
  UploadSink(BlobStore& store, std::string blob_name, BodyPromise promise,
             std::string data_key = {})
      : store_(store),
        blob_name_(std::move(blob_name)),
        data_key_(std::move(data_key)),
        check_(std::move(promise)) {}

  Result<> take(std::string_view bytes);  // as they came over the wire
  Result<ReceivedBody> finish();

 private:
  Result<> store_data(std::string_view data);

  BlobStore& store_;
  std::string blob_name_, data_key_;
  BodyCheck check_;
  std::unique_ptr<Draft> draft_;
  std::optional<crypto::AesCtr> cipher_;
  std::string encrypted_;
};

}  // namespace angophora::walrus
