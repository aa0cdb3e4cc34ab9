#include "common/soap/fault.h"

#include <optional>

#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {

using common::Errc;

template <class E>
std::optional<E> by_name(std::string_view name, E last) {
  for (int i = 1; i <= static_cast<int>(last); ++i)
    if (to_string(static_cast<E>(i)) == name) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace

std::string_view to_string(SoapErrc e) {
  switch (e) {
    case SoapErrc::malformed:
      return "malformed_message";
    case SoapErrc::bad_signature:
      return "bad_signature";
    case SoapErrc::unknown_signer:
      return "unknown_signer";
    case SoapErrc::wrong_receiver:
      return "wrong_receiver";
    case SoapErrc::wrong_action:
      return "wrong_action";
    case SoapErrc::not_an_answer:
      return "not_an_answer";
    case SoapErrc::expired:
      return "message_expired";
    case SoapErrc::replayed:
      return "message_replayed";
    case SoapErrc::overloaded:
      return "overloaded";
    case SoapErrc::fresh_message_required:
      return "fresh-message-required";
    case SoapErrc::role_refused:
      return "role_refused";
    case SoapErrc::unknown_operation:
      return "unknown_operation";
    case SoapErrc::refused_by_peer:
      return "refused_by_peer";
  }
  return "unknown";
}

Fault fault_of(const Error& error) {
  if (error.code == SoapErrc::refused_by_peer) {
    // Passed on by one in the middle: the name is in front of the sentence.
    if (const auto colon = error.message.find(": "); colon != std::string::npos)
      return {error.message.substr(0, colon), error.message.substr(colon + 2), {}};
  }
  return {error.code.message(), error.message, {}};
}

Error error_of(const Fault& fault) {
  if (const auto known = by_name(fault.code, Errc::internal)) return Error(*known, fault.message);
  if (const auto known = by_name(fault.code, SoapErrc::refused_by_peer))
    return Error(*known, fault.message);
  return Error(SoapErrc::refused_by_peer, fault.code + ": " + fault.message);
}

std::string encode_fault(const Fault& fault) {
  const auto message = canonical_text(fault.message);
  std::string challenge;
  if (!fault.challenge.empty())
    challenge = "<t:challenge>" + canonical_text(fault.challenge) + "</t:challenge>";
  return "<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring>" + message +
         "</faultstring><detail><t:error xmlns:t=\"" + std::string(kTypesSpace) + "\"><t:code>" +
         canonical_text(fault.code) + "</t:code><t:message>" + message + "</t:message>" +
         challenge + "</t:error></detail></SOAP-ENV:Fault>";
}

Result<Fault> decode_fault(std::string_view body_element) {
  TRY(const auto document, read_document(body_element));
  const auto* body = xmlDocGetRootElement(document.get());
  const auto* fault = only_child(body, kSoapSpace, "Fault");
  if (!fault) return Error(Errc::corrupt, "not a fault");
  for (const auto* detail : element_children(fault)) {
    const auto* error = only_child(detail, kTypesSpace, "error");
    if (!error) continue;
    const auto* code = only_child(error, kTypesSpace, "code");
    const auto* message = only_child(error, kTypesSpace, "message");
    const auto* challenge = only_child(error, kTypesSpace, "challenge");
    if (code && message)
      return Fault{text_of(code), text_of(message), challenge ? text_of(challenge) : ""};
  }
  return Error(Errc::corrupt, "a fault without our detail");
}

}  // namespace angophora::soap
