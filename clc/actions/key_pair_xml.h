// How key pairs look in answers, and what their names may be.
#pragma once

#include "clc/actions/element.h"
#include "clc/domain/key_pair.h"
#include "common/base/result.h"

namespace angophora::clc::actions {

// keyName, keyFingerprint, keyPairId.
void add_key_pair(Element& into, const KeyPair& key);
// RequestErrc::invalid_value unless 1 to 255 printable ASCII characters without outer spaces.
common::Result<> check_key_name(std::string_view name);

}  // namespace angophora::clc::actions
