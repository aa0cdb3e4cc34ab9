#include "clc/actions/key_pair_xml.h"

#include <algorithm>

#include "clc/actions/bind.h"

namespace angophora::clc::actions {

void add_key_pair(Element& into, const KeyPair& key) {
  into.add("keyName", key.name).add("keyFingerprint", key.fingerprint).add("keyPairId", key.id);
}

common::Result<> check_key_name(std::string_view name) {
  const bool printable =
      std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (name.empty() || name.size() > 255 || !printable || common::trim(name) != name)
    return invalid_value("KeyName", name,
                         "1 to 255 ASCII characters without spaces at the beginning or the end");
  return common::ok();
}

}  // namespace angophora::clc::actions
