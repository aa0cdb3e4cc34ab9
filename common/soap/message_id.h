// Ids of messages.
#pragma once

#include <string>

#include "common/runtime/runtime.h"

namespace angophora::soap {

// urn:uuid: and a random UUID. Nobody can guess it, so an answer that relates to it was made
// after it.
std::string new_message_id(common::Runtime& runtime);

}  // namespace angophora::soap
