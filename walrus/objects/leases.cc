#include "walrus/objects/leases.h"

namespace angophora::walrus {

std::shared_ptr<void> BlobLeases::hold(Blobs blobs) {
  for (const auto& id : blobs) ++held_[id].holders;
  return std::shared_ptr<void>(nullptr,
                               [this, blobs = std::move(blobs)](void*) { release(blobs); });
}

void BlobLeases::defer(Blobs& blobs) {
  std::erase_if(blobs, [this](const std::string& id) {
    const auto held = held_.find(id);
    if (held == held_.end()) return false;
    held->second.unwanted = true;
    return true;
  });
}

void BlobLeases::release(const Blobs& blobs) {
  Blobs unwanted;
  for (const auto& id : blobs) {
    const auto held = held_.find(id);
    if (held == held_.end() || --held->second.holders > 0) continue;
    if (held->second.unwanted) unwanted.push_back(id);
    held_.erase(held);
  }
  if (!unwanted.empty() && discard_) discard_(std::move(unwanted));
}

}  // namespace angophora::walrus
