#include "common/xml/reader.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <climits>
#include <mutex>
#include <new>
#include <optional>

#include "common/base/give_back.h"
#include "common/base/text.h"

namespace angophora::xml {
namespace {

using common::Errc;
using common::Error;
using common::Result;

// Parsed as a stream, so that limits bite before memory is spent.
struct Builder {
  xmlParserCtxt* parser = nullptr;
  const Limits* limits = nullptr;
  Element root;
  std::vector<Element*> path;  // from the root to the element that is open
  bool started = false;
  std::size_t elements = 0;
  std::optional<Error> failure;

  void fail(Errc code, std::string what) {
    if (!failure) {
      const int line = parser->input ? parser->input->line : 0;
      failure = Error(code, "line " + std::to_string(line) + ": " + std::move(what));
    }
    xmlStopParser(parser);
  }
};

Builder& builder_of(void* context) {
  return *static_cast<Builder*>(static_cast<xmlParserCtxt*>(context)->_private);
}

std::string to_string(const xmlChar* text) {
  return text ? reinterpret_cast<const char*>(text) : "";
}

// libxml2 hands attributes over as groups of five pointers: name, prefix, URI, value, its end.
void add_attributes(Element& element, int count, const xmlChar** attributes) {
  for (int i = 0; i < count; ++i, attributes += 5) {
    const char* begin = reinterpret_cast<const char*>(attributes[3]);
    const char* end = reinterpret_cast<const char*>(attributes[4]);
    element.attributes.push_back(
        {to_string(attributes[0]), to_string(attributes[2]), std::string(begin, end)});
  }
}

void on_start(void* context, const xmlChar* name, const xmlChar*, const xmlChar* uri, int,
              const xmlChar**, int attribute_count, int, const xmlChar** attributes) {
  Builder& b = builder_of(context);
  if (b.failure) return;
  if (++b.elements > b.limits->elements_max)
    return b.fail(Errc::limit_exceeded, "the XML has more elements than allowed");
  if (b.path.size() >= b.limits->depth_max)
    return b.fail(Errc::limit_exceeded, "the XML is nested more deeply than allowed");
  Element* element = &b.root;
  if (b.started) element = &b.path.back()->children.emplace_back();
  b.started = true;
  element->name = to_string(name);
  element->name_space = to_string(uri);
  add_attributes(*element, attribute_count, attributes);
  // The parent's list of children does not grow while one of them is open.
  b.path.push_back(element);
}

void on_end(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  Builder& b = builder_of(context);
  if (!b.failure) b.path.pop_back();
}

void on_text(void* context, const xmlChar* text, int size) {
  Builder& b = builder_of(context);
  if (b.failure || b.path.empty()) return;
  b.path.back()->text.append(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
}

void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  builder_of(context).fail(Errc::corrupt, "a document type declaration is not allowed");
}

void on_error(void* context, xmlErrorPtr error) {
  Builder& b = builder_of(context);
  if (error->level < XML_ERR_ERROR || error->code == XML_ERR_USER_STOP || b.failure) return;
  std::string what = error->message ? error->message : "not well-formed";
  while (!what.empty() && what.back() == '\n') what.pop_back();
  b.fail(Errc::corrupt, what);
}

xmlSAXHandler handlers() {
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = on_start;
  sax.endElementNs = on_end;
  sax.characters = on_text;
  sax.cdataBlock = on_text;
  sax.ignorableWhitespace = on_text;
  sax.internalSubset = on_doctype;
  sax.externalSubset = on_doctype;
  sax.serror = on_error;
  return sax;
}

void free_parser(xmlParserCtxt* parser) {
  if (parser->myDoc) xmlFreeDoc(parser->myDoc);
  xmlFreeParserCtxt(parser);
}
using Parser = std::unique_ptr<xmlParserCtxt, common::GiveBack<free_parser>>;

std::string_view without_white_space(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

}  // namespace

Result<Element> read(std::string_view document, const Limits& limits) {
  static std::once_flag once;
  std::call_once(once, xmlInitParser);
  if (document.size() > limits.bytes_max || document.size() > INT_MAX)
    return Error(Errc::limit_exceeded,
                 "the XML has " + std::to_string(document.size()) + " bytes, more than allowed");
  // Nobody sends anything else, and libxml2's converters would speak up on standard error.
  if (document.find('\0') != std::string_view::npos || !common::is_valid_utf8(document))
    return Error(Errc::corrupt, "the XML is not UTF-8");
  Builder builder;
  builder.limits = &limits;
  xmlSAXHandler sax = handlers();
  const Parser parser{xmlCreatePushParserCtxt(&sax, nullptr, nullptr, 0, nullptr)};
  if (!parser) throw std::bad_alloc();
  builder.parser = parser.get();
  parser->_private = &builder;
  // XML_PARSE_IGNORE_ENC: it is UTF-8, whatever it declares. XML_PARSE_HUGE lifts libxml2's own
  // limit of depth: ours is the one that counts. Without XML_PARSE_NOENT an ampersand in an
  // attribute would arrive as "&#38;"; there are no other entities to replace, because a document
  // type ends the parsing before it can declare one.
  xmlCtxtUseOptions(parser.get(),
                    XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC);
  const int failed =
      xmlParseChunk(parser.get(), document.data(), static_cast<int>(document.size()), 1);
  if (builder.failure) return *builder.failure;
  if (failed || !parser->wellFormed || !builder.started)
    return Error(Errc::corrupt, "the XML is not well-formed");
  return std::move(builder.root);
}

const Element* Element::child(std::string_view child_name) const {
  for (const auto& c : children)
    if (c.name == child_name) return &c;
  return nullptr;
}

std::vector<const Element*> Element::children_named(std::string_view child_name) const {
  std::vector<const Element*> found;
  for (const auto& c : children)
    if (c.name == child_name) found.push_back(&c);
  return found;
}

std::string Element::text_of(std::string_view child_name) const {
  const Element* found = child(child_name);
  return found ? std::string(without_white_space(found->text)) : std::string();
}

const std::string* Element::attribute(std::string_view attribute_name) const {
  for (const auto& a : attributes)
    if (a.name == attribute_name) return &a.value;
  return nullptr;
}

const Element* Element::find(std::string_view path) const {
  const Element* at = this;
  while (at && !path.empty()) {
    const auto slash = path.find('/');
    at = at->child(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return at;
}

}  // namespace angophora::xml
