// What goes wrong between daemons, and how an error travels in a SOAP fault.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace angophora::soap {

using common::Error;
using common::Result;

// The checks of a message, one code each; and what a caller may be told.
enum class SoapErrc {
  malformed = 1,           // not the strict shape of our messages
  bad_signature,           // a digest, the signature or an algorithm is not what it must be
  unknown_signer,          // no certificate in the registry has this thumbprint
  wrong_receiver,          // wsa:To names another component
  wrong_action,            // wsa:Action is not the operation in the Body
  not_an_answer,           // wsa:RelatesTo is not the request's wsa:MessageID
  expired,                 // created too long ago, or in the future; the clocks may differ
  replayed,                // this MessageID was seen before
  overloaded,              // the memory of seen messages is full
  fresh_message_required,  // created before the receiver started: sign a new one
  role_refused,            // this role may not call the operation
  unknown_operation,       // the receiver does not serve it
  refused_by_peer,         // the operation failed with an error that only the peer has a name for
};
std::string_view to_string(SoapErrc e);

// An error as it travels.
struct Fault {
  std::string code;     // e.g. not_found, or volume_in_use of a module's own
  std::string message;  // one sentence
  // With fresh_message_required: what the new message must relate to.
  std::string challenge;
};
Fault fault_of(const Error& error);
// Errc and SoapErrc by their name; any other becomes SoapErrc::refused_by_peer with the name in
// front of the sentence.
Error error_of(const Fault& fault);

// The Fault element as canonical XML has it inside a Body that binds the prefix SOAP-ENV.
std::string encode_fault(const Fault& fault);
// From the whole Body element. Errc::corrupt when it does not hold one of our faults.
Result<Fault> decode_fault(std::string_view body_element);

}  // namespace angophora::soap

ANGOPHORA_ERROR_ENUM(angophora::soap, SoapErrc)
