// What the metadata service asks the node controller for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nc/domain/instance_spec.h"

namespace angophora::nc {

// I/O thread only.
class MetadataSource {
 public:
  virtual ~MetadataSource() = default;
  // The live instance on this node whose private address is `private_ip`; nothing when there is
  // none. The packet filter has tied the address to the guest's tap, so it may be trusted.
  virtual std::optional<InstanceSpec> by_address(std::string_view private_ip) const = 0;
  // The name of the region; empty while nobody has told it.
  virtual std::string region() const = 0;
};

}  // namespace angophora::nc
