// Other people's packet filters that would drop our guests' traffic: docker and firewalld set the
// policy of the forward hook to drop, and a drop there wins over anything we accept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace angophora::nc {

// From the answer to `nft -j list ruleset`: a sentence for each chain, not of ours, on the forward
// hook that drops what it does not know (its policy, or a last rule without conditions). Pure.
common::Result<std::vector<std::string>> foreign_forward_drops(std::string_view nft_json);

// Asks this host, old-style iptables included. Blocks; pool only.
common::Result<std::vector<std::string>> find_foreign_drops();

}  // namespace angophora::nc
