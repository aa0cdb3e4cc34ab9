// Images as users bundle them: small, in several encrypted parts, with a signed manifest. Bundled
// by the operator's command's own code, once for all simulations.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/sim/keys.h"

namespace angophora::sim {

struct Bundle {
  std::string account;  // whose user signed it
  std::string image;    // the bytes that a node must find in it
  // Names beside each other and what they hold; the manifest is the last one.
  std::vector<std::pair<std::string, std::string>> files;
  const std::string& manifest_name() const { return files.back().first; }
  std::size_t parts() const { return files.size() - 1; }
};

// Two different ones for each account. `folder` is for what lies about meanwhile.
std::vector<Bundle> make_bundles(const Keys& keys, const std::string& folder);

}  // namespace angophora::sim
