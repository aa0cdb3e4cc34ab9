// What must hold for a message whose signature is good: addressed to this component, for the
// operation in its Body, and fresh. Pure functions, any thread.
#pragma once

#include <chrono>
#include <string>

#include "common/soap/wsse.h"

namespace angophora::soap {

struct Freshness {
  std::chrono::milliseconds clock_skew_max{60'000};
  std::chrono::milliseconds lifetime_max{300'000};  // Expires - Created of a message
};
// How long our own messages are good for.
inline constexpr std::chrono::milliseconds kMessageLifetime{60'000};

// How far the signer's clock seems to be ahead of ours; the time on the way counts as behind.
std::chrono::milliseconds measured_skew(const Addressing& addressing, SysTime now);

// Whose clocks are compared, by address.
struct Clocks {
  std::string sender, receiver;
};
// SoapErrc::expired, with whose clock is how far ahead of whose, unless the message is fresh.
Result<> check_fresh(const Addressing& addressing, const Freshness& freshness, const Clocks& clocks,
                     SysTime now);

// A message that was signed before this component started may have been accepted by the component
// as it was before, which this one does not remember. It passes when it relates to `challenge`,
// which was made at start, or when no signer's clock could have named that time before the start.
// SoapErrc::fresh_message_required otherwise.
Result<> check_after_start(const Addressing& addressing, const Freshness& freshness,
                           SysTime started, const std::string& challenge);

// SoapErrc::wrong_receiver, or wrong_action unless wsa:Action is the name of the Body's element.
Result<> check_request_address(const VerifiedEnvelope& request, const std::string& self_address);

// An answer to the message `request_id` with action `request_action`, for `self_address`; either
// the operation's own or a fault. SoapErrc::wrong_receiver, wrong_action, not_an_answer.
Result<> check_answer_address(const VerifiedEnvelope& answer, const std::string& self_address,
                              const std::string& request_action, const std::string& request_id);
bool is_fault(const VerifiedEnvelope& answer);

}  // namespace angophora::soap
