#include "walrus/objects/upload_sink.h"

#include "walrus/objects/keyring.h"

namespace angophora::walrus {

Result<> UploadSink::take(std::string_view bytes) {
  return check_.take(bytes, [this](std::string_view data) { return store_data(data); });
}

Result<> UploadSink::store_data(std::string_view data) {
  if (!draft_) {
    TRY(draft_, store_.draft(blob_name_, check_.promised_bytes()));
    if (!data_key_.empty()) {
      TRY(auto cipher, crypto::AesCtr::make(data_key_, blob_iv(draft_->id()), 0));
      cipher_.emplace(std::move(cipher));
    }
  }
  if (!cipher_) return draft_->write(data);
  encrypted_ = data;
  cipher_->apply(encrypted_.data(), encrypted_.size());
  return draft_->write(encrypted_);
}

Result<ReceivedBody> UploadSink::finish() {
  ReceivedBody received;
  TRY(received.digests, check_.finish());
  received.size_bytes = check_.size_bytes();
  if (draft_) {
    TRY(auto blob, draft_->keep());
    received.content.push_back(segment_of(std::move(blob)));
  }
  return received;
}

}  // namespace angophora::walrus
