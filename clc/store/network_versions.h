// The version of the network that the zones are told: it grows when the network's digest changes,
// also across restarts.
#pragma once

#include "clc/store/rows.h"

namespace angophora::clc {

class NetworkVersions {
 public:
  explicit NetworkVersions(Tx& tx) : tx_(tx) {}
  // The version of a network with this digest: the last one when it is the same network.
  Result<std::int64_t> version_of(std::string_view digest);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
