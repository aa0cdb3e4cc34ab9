// From a SOAP message to the caller and what is asked: signature, freshness, and the memory of
// messages that came before.
#pragma once

#include "clc/domain/caller.h"
#include "clc/services.h"
#include "common/soap/policy.h"
#include "common/xml/reader.h"

namespace angophora::clc {

using common::Result;
using common::Task;

// How far users' clocks may differ, and how long their messages may be good for.
inline constexpr soap::Freshness kUserFreshness{std::chrono::minutes(5), std::chrono::minutes(15)};

// What must be remembered of a message, so that it is not accepted again.
struct MessageTrace {
  common::UserId user;
  std::string digest;  // the same when the message comes again
  common::SysTime forget_at{};
};

struct UserRequest {
  Caller caller;
  std::string action;    // the name of the one element in the Body
  std::string version;   // the date in its namespace
  xml::Element message;  // that element
  MessageTrace trace;
};

// Fills account and user into `caller`. UserMessageErrc, or IdentityErrc::key_inactive for a
// certificate that is switched off.
Task<UserRequest> authenticate_message(Services& s, std::string bytes, Caller caller);

// Call once, before the request is carried out. On disk when it returns, so a restart forgets
// nothing. UserMessageErrc::replayed or too_many.
Task<> remember_message(Services& s, MessageTrace trace);

}  // namespace angophora::clc
