// The Walrus client over the wire between the daemons.
#pragma once

#include "clc/clients/walrus_client.h"
#include "common/soap/channel.h"

namespace angophora::clc {

class SoapWalrusClient final : public WalrusClient {
 public:
  explicit SoapWalrusClient(soap::Channel& channel) : channel_(channel) {}

  Task<AdmittedBundle> admit_image(ServiceName walrus, ImageId image, AccountId account,
                                   std::string bucket, std::string manifest_key,
                                   std::string request_id) override;
  Task<> forget_image(ServiceName walrus, ImageId image) override;

 private:
  soap::Channel& channel_;
};

}  // namespace angophora::clc
