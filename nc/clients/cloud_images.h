// Images from the cloud itself: keys from the cloud controller, parts from Walrus over its
// internal route, both sides pinned.
#pragma once

#include <functional>
#include <memory>

#include "common/crypto/rsa.h"
#include "common/http/client.h"
#include "common/runtime/runtime.h"
#include "common/soap/channel.h"
#include "common/soap/peers.h"
#include "nc/images/image_source.h"

namespace angophora::nc {

// I/O thread only. What it borrows outlives it.
class CloudImages final : public ImageSource {
 public:
  struct Neighbours {
    soap::Channel& channel;
    soap::PeerSource& peers;  // who Walrus is
    common::ServiceName cloud;
  };
  // How a request gets its answer; http::Client::send() but in simulations.
  using Send = std::function<common::Task<http::ClientResponse>(http::ClientRequest)>;
  // `encryption_key` opens what is wrapped for this node.
  CloudImages(common::Runtime& runtime, Neighbours neighbours, Send send,
              crypto::PrivateKey encryption_key);

  common::Task<ImageKey> get_key(ImageWish wish) override;
  common::Task<std::string> fetch_part(ImageId id, ImagePart part) override;

 private:
  common::Runtime& runtime_;
  Neighbours neighbours_;
  Send send_;
  crypto::PrivateKey encryption_key_;
};

}  // namespace angophora::nc
