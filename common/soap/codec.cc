#include "common/soap/codec.h"

#include <soapH.h>

#include <istream>
#include <memory>
#include <namespaces.inc>
#include <ostream>
#include <streambuf>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/soap/contracts.h"

namespace {

// Reads from memory without copying it.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    auto* begin = const_cast<char*>(text.data());  // streambuf never writes to a get area
    setg(begin, begin, begin + text.size());
  }
};

// Appends to a string.
class StringBuffer final : public std::streambuf {
 public:
  std::string text;

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    text.append(bytes, static_cast<std::size_t>(count));
    return count;
  }
  int_type overflow(int_type c) override {
    if (c != traits_type::eof()) text.push_back(static_cast<char>(c));
    return c;
  }
};

struct FreeContext {
  void operator()(struct soap* context) const {
    soap_destroy(context);
    soap_end(context);
    soap_free(context);
  }
};

// A gSOAP context for messages in memory: canonical output, required elements must be there.
std::unique_ptr<struct soap, FreeContext> new_context() {
  const soap_mode common = SOAP_ENC_PLAIN | SOAP_C_UTFSTRING | SOAP_XML_TREE;
  std::unique_ptr<struct soap, FreeContext> context(
      soap_new2(common | SOAP_XML_STRICT, common | SOAP_XML_CANONICAL));
  soap_set_namespaces(context.get(), namespaces);
  context->recv_maxlength = angophora::soap::kMessageBytesMax;
  context->maxlevel = angophora::soap::kMessageDepthMax;
  return context;
}

// One context per thread: making one costs more than most messages.
class Engine {
 public:
  static struct soap* context() {
    thread_local const auto mine = new_context();
    return mine.get();
  }
  // Gives back what the last message took.
  static void clear() {
    auto* context = Engine::context();
    soap_destroy(context);
    soap_end(context);
    context->is = nullptr;
    context->os = nullptr;
  }
};

std::string last_failure(struct soap* context) {
  char text[512] = "";
  soap_sprint_fault(context, text, sizeof text);
  std::string sentence(text);
  for (auto& c : sentence)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return sentence;
}

}  // namespace

// gSOAP finds the serialiser of xsd:base64Binary (typemap.dat) under these names.
int soap_out_xsd__base64Binary(struct soap* soap, const char* tag, int id, const std::string* bytes,
                               const char* type) {
  if (soap_element_begin_out(soap, tag, id, type)) return soap->error;
  const auto text = angophora::common::base64_encode(*bytes);
  if (soap_string_out(soap, text.c_str(), 0)) return soap->error;
  return soap_element_end_out(soap, tag);
}

std::string* soap_in_xsd__base64Binary(struct soap* soap, const char* tag, std::string* bytes,
                                       const char* type) {
  (void)type;
  if (soap_element_begin_in(soap, tag, 0, nullptr)) return nullptr;
  if (!bytes) bytes = soap_new_xsd__base64Binary(soap);
  bytes->clear();
  if (!soap->body) return bytes;
  const char* text = soap_string_in(soap, 0, -1, -1, nullptr);
  if (!text) return nullptr;
  auto decoded = angophora::common::base64_decode(text);
  if (!decoded) {
    soap->error = SOAP_TYPE;
    return nullptr;
  }
  *bytes = std::move(*decoded);
  return soap_element_end_in(soap, tag) ? nullptr : bytes;
}

namespace angophora::soap {
namespace {

// UTF-8 of characters that XML 1.0 has. A reader would refuse the whole message otherwise.
bool is_xml_text(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') return false;
  // gSOAP writes control characters as references; the only one that XML has is CR.
  for (auto at = text.find("&#"); at != text.npos; at = text.find("&#", at + 1))
    if (!text.substr(at).starts_with("&#xD;")) return false;
  return common::is_valid_utf8(text) && text.find("\xef\xbf\xbe") == text.npos &&
         text.find("\xef\xbf\xbf") == text.npos;
}

template <class T>
Result<std::string> encode(const T& value, const char* tag) {
  auto* context = Engine::context();
  StringBuffer buffer;
  std::ostream out(&buffer);
  context->os = &out;
  soap_begin(context);
  const bool failed =
      soap_begin_send(context) || value.soap_put(context, tag, nullptr) || soap_end_send(context);
  const auto reason = failed ? last_failure(context) : std::string();
  Engine::clear();
  if (failed) return Error(Errc::invalid_argument, std::string("writing ") + tag + ": " + reason);
  if (!is_xml_text(buffer.text))
    return Error(Errc::invalid_argument,
                 std::string("writing ") + tag + ": a text has characters that XML cannot hold");
  return std::move(buffer.text);
}

template <class T>
Result<T> decode(std::string_view xml, const char* tag) {
  if (xml.size() > kMessageBytesMax)
    return Error(Errc::corrupt, std::string("reading ") + tag + ": too long");
  auto* context = Engine::context();
  ViewBuffer buffer(xml);
  std::istream in(&buffer);
  context->is = &in;
  soap_begin(context);
  T value;
  bool failed = soap_begin_recv(context);
  // Strict mode refuses what is missing and, outside of headers, what is unknown. A newer peer may
  // send elements that are unknown here, so all is read as if it were a header.
  context->part = SOAP_IN_HEADER;
  failed = failed || !value.soap_get(context, tag, nullptr) || soap_end_recv(context);
  const auto reason = failed ? last_failure(context) : std::string();
  Engine::clear();
  if (failed) return Error(Errc::corrupt, std::string("reading ") + tag + ": " + reason);
  return value;
}

template <class T>
Result<std::string> encode_message(const Message& message, const char* tag) {
  const auto* value = message.get<T>();
  if (!value) return Error(Errc::internal, std::string(tag) + ": the message is of another type");
  return encode(*value, tag);
}

template <class T>
Result<Message> decode_message(std::string_view xml, const char* tag) {
  TRY(auto value, decode<T>(xml, tag));
  return Message(std::move(value));
}

}  // namespace

#define OPERATION(contract, service, name)                                                      \
  const Operation contract::name::kOperation{                                                   \
      #contract,                                                                                \
      #service,                                                                                 \
      #name,                                                                                    \
      "urn:angophora:" #contract ":1",                                                          \
      "urn:angophora:" #contract ":1/" #name,                                                   \
      [](const Message& m) { return encode_message<name::Request>(m, #contract ":" #name); },   \
      [](std::string_view x) { return decode_message<name::Request>(x, #contract ":" #name); }, \
      [](const Message& m) {                                                                    \
        return encode_message<name::Reply>(m, #contract ":" #name "Response");                  \
      },                                                                                        \
      [](std::string_view x) {                                                                  \
        return decode_message<name::Reply>(x, #contract ":" #name "Response");                  \
      }};
#include "common/soap/contracts.inc"
#undef OPERATION

const std::vector<const Operation*>& operations() {
  static const std::vector<const Operation*> all = {
#define OPERATION(contract, service, name) &contract::name::kOperation,
#include "common/soap/contracts.inc"
#undef OPERATION
  };
  return all;
}

Result<std::string> encode_registry(const t__registry& registry) {
  return encode(registry, "t:registry");
}

Result<t__registry> decode_registry(std::string_view xml) {
  return decode<t__registry>(xml, "t:registry");
}

}  // namespace angophora::soap
