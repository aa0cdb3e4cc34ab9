#include "common/soap/fault.h"

#include <optional>

#include "common/base/text.h"
#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {

using common::Errc;

// What canonical XML holds in place of `text`; what XML cannot hold becomes '?'.
std::string escape_text(std::string_view text) {
  const bool valid = common::is_valid_utf8(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if ((byte < 0x20 && c != '\t' && c != '\n') || (byte >= 0x80 && !valid))
      out += '?';
    else
      out += c;
  }
  return out;
}

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
      return {error.message.substr(0, colon), error.message.substr(colon + 2)};
  }
  return {error.code.message(), error.message};
}

Error error_of(const Fault& fault) {
  if (const auto known = by_name(fault.code, Errc::internal)) return Error(*known, fault.message);
  if (const auto known = by_name(fault.code, SoapErrc::refused_by_peer))
    return Error(*known, fault.message);
  return Error(SoapErrc::refused_by_peer, fault.code + ": " + fault.message);
}

std::string encode_fault(const Fault& fault) {
  const auto message = escape_text(fault.message);
  return "<SOAP-ENV:Fault xmlns:SOAP-ENV=\"" + std::string(kSoapSpace) +
         "\"><faultcode>SOAP-ENV:Server</faultcode><faultstring>" + message +
         "</faultstring><detail><t:error xmlns:t=\"" + std::string(kTypesSpace) + "\"><t:code>" +
         escape_text(fault.code) + "</t:code><t:message>" + message +
         "</t:message></t:error></detail></SOAP-ENV:Fault>";
}

Result<Fault> decode_fault(std::string_view xml) {
  TRY(const auto document, read_document(xml));
  const auto* root = xmlDocGetRootElement(document.get());
  if (!is_element(root, kSoapSpace, "Fault")) return Error(Errc::corrupt, "not a fault");
  for (const auto* detail : element_children(root)) {
    const auto* error = only_child(detail, kTypesSpace, "error");
    if (!error) continue;
    const auto* code = only_child(error, kTypesSpace, "code");
    const auto* message = only_child(error, kTypesSpace, "message");
    if (code && message) return Fault{text_of(code), text_of(message)};
  }
  return Error(Errc::corrupt, "a fault without our detail");
}

}  // namespace angophora::soap
