#include "common/soap/xml_document.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>

#include "common/base/text.h"
#include "common/soap/codec.h"
#include "common/soap/fault.h"

namespace angophora::soap {
namespace {

std::string_view view(const xmlChar* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

// Walks the tree without recursion. What the parser keeps besides elements and text has no
// place in a message.
Result<> check_tree(const xmlNode* root) {
  int depth = 1;
  for (const xmlNode* node = root; node;) {
    switch (node->type) {
      case XML_ELEMENT_NODE:
      case XML_TEXT_NODE:
      case XML_CDATA_SECTION_NODE:
        break;
      default:
        return Error(SoapErrc::malformed, "the message holds more than elements and text");
    }
    if (node->children) {
      if (++depth > kMessageDepthMax)
        return Error(SoapErrc::malformed, "the message is nested too deeply");
      node = node->children;
      continue;
    }
    while (node != root && !node->next) {
      node = node->parent;
      --depth;
    }
    if (node == root) break;
    node = node->next;
  }
  return common::ok();
}

}  // namespace

Result<XmlDocument> read_document(std::string_view xml) {
  if (xml.size() > kMessageBytesMax) return Error(SoapErrc::malformed, "the message is too long");
  // Before the parser sees it: a DTD is refused, not read.
  if (xml.find("<!DOCTYPE") != std::string_view::npos)
    return Error(SoapErrc::malformed, "the message has a DTD");
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  XmlDocument document(
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr, kOptions));
  if (!document) return Error(SoapErrc::malformed, "the message is not well-formed XML");
  if (document->intSubset || document->extSubset)
    return Error(SoapErrc::malformed, "the message has a DTD");
  const auto* root = xmlDocGetRootElement(document.get());
  if (!root) return Error(SoapErrc::malformed, "the message is empty");
  for (const auto* node = document->children; node; node = node->next)
    if (node != root)
      return Error(SoapErrc::malformed, "the message holds more than elements and text");
  TRY_VOID(check_tree(root));
  return document;
}

bool is_element(const xmlNode* node, std::string_view name_space, std::string_view name) {
  return node && node->type == XML_ELEMENT_NODE && view(node->name) == name && node->ns &&
         view(node->ns->href) == name_space;
}

std::vector<xmlNode*> element_children(const xmlNode* parent) {
  std::vector<xmlNode*> children;
  for (auto* node = parent->children; node; node = node->next)
    if (node->type == XML_ELEMENT_NODE) children.push_back(node);
  return children;
}

std::string text_of(const xmlNode* node) {
  std::unique_ptr<xmlChar, void (*)(void*)> text(xmlNodeGetContent(node), xmlFree);
  return std::string(view(text.get()));
}

xmlNode* only_child(const xmlNode* parent, std::string_view name_space, std::string_view name) {
  xmlNode* found = nullptr;
  for (auto* node : element_children(parent)) {
    if (!is_element(node, name_space, name)) continue;
    if (found) return nullptr;
    found = node;
  }
  return found;
}

bool only_space_between(const xmlNode* parent) {
  for (const auto* node = parent->children; node; node = node->next)
    if (node->type != XML_ELEMENT_NODE &&
        view(node->content).find_first_not_of(" \t\r\n") != std::string_view::npos)
      return false;
  return true;
}

std::string canonical_text(std::string_view text) {
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

namespace {

// True for `node`'s subtree, `data` being its root.
int is_below(void* data, xmlNode* node, xmlNode* parent) {
  // A namespace node is not a part of the tree; its parent is.
  for (auto* at = node && node->type == XML_NAMESPACE_DECL ? parent : node; at; at = at->parent)
    if (at == data) return 1;
  return 0;
}

}  // namespace

std::string canonical(xmlDoc* document, xmlNode* node) {
  std::unique_ptr<xmlOutputBuffer, common::GiveBack<xmlOutputBufferClose>> buffer(
      xmlAllocOutputBuffer(nullptr));
  if (!buffer) return {};
  if (xmlC14NExecute(document, is_below, node, XML_C14N_EXCLUSIVE_1_0, nullptr, 0, buffer.get()) <
      0)
    return {};
  return {reinterpret_cast<const char*>(xmlOutputBufferGetContent(buffer.get())),
          xmlOutputBufferGetSize(buffer.get())};
}

}  // namespace angophora::soap
