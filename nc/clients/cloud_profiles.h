// Guests' instance profiles from the cloud controller.
#pragma once

#include "common/crypto/rsa.h"
#include "common/runtime/runtime.h"
#include "common/soap/channel.h"
#include "nc/metadata/profile_source.h"

namespace angophora::nc {

// I/O thread only. What it borrows outlives it.
class CloudProfiles final : public ProfileSource {
 public:
  // `encryption_key` opens what is wrapped for this node.
  CloudProfiles(common::Runtime& runtime, soap::Channel& channel, common::ServiceName cloud,
                crypto::PrivateKey encryption_key);

  common::Task<std::optional<GuestProfile>> profile_of(InstanceId instance,
                                                       std::int64_t placement_no,
                                                       std::string known_role) override;

 private:
  common::Runtime& runtime_;
  soap::Channel& channel_;
  common::ServiceName cloud_;
  crypto::PrivateKey encryption_key_;
};

}  // namespace angophora::nc
