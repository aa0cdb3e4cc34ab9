// What a caller hears who may not: a sentence, and in EC2 a message that only those may read who
// may decode it (sts:DecodeAuthorizationMessage), with what was asked and what decided.
#pragma once

#include <string>
#include <string_view>

#include "clc/domain/caller.h"
#include "clc/domain/cloud_keys.h"
#include "common/policy/context.h"
#include "common/policy/evaluate.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

struct Refused {
  std::string permission;
  std::string resource;
  const policy::Decision& decision;
  const policy::Principal& principal;
  const policy::Facts& facts;
};

// AWS' sentence. It says why, but not which of the account's policies decided: that is in the log
// and in the message.
std::string refusal_sentence(const Caller& caller, const Refused& refused);

// What stands between the sentence and the message.
inline constexpr std::string_view kMessageMark = ". Encoded authorization failure message: ";
// The sentence alone, for logs.
inline std::string_view without_message(std::string_view text) {
  return text.substr(0, text.find(kMessageMark));
}

// The message as clients get it: sealed with a key of this cloud alone, in base64 for URLs.
common::Result<std::string> encoded_refusal(common::Runtime& runtime, const CloudKeys& keys,
                                            const Caller& caller, const Refused& refused);

}  // namespace angophora::clc
