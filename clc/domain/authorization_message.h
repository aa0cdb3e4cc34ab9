// Messages about refused requests that travel through hands which must not read them: sealed
// (AES-256-GCM) with a key that the cloud's own secret yields.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clc/domain/ids.h"
#include "common/base/result.h"

namespace angophora::clc {

enum class MessageErrc { not_ours = 1 };  // no message of this cloud, or one not for the caller
std::string_view to_string(MessageErrc e);

// `nonce`: 12 random bytes. Letters, digits, '-' and '_' alone.
common::Result<std::string> seal_message(std::string_view secret, const AccountId& account,
                                         std::string_view message, std::string_view nonce);

struct OpenedMessage {
  AccountId account;  // whose request it is about
  std::string message;
};
// Nothing for what this cloud has not sealed.
std::optional<OpenedMessage> open_message(std::string_view secret, std::string_view sealed);

}  // namespace angophora::clc

ANGOPHORA_ERROR_ENUM(angophora::clc, MessageErrc)
