#include "common/soap/xml_document.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/soap/codec.h"
#include "common/soap/fault.h"

namespace angophora::soap {
namespace {

std::string_view view(const xmlChar* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

// A first look at the bytes, before the parser: its time and memory must not grow faster than the
// message. Tags are counted and measured, quotes respected; all else that can begin with '<' but
// CDATA is refused, an XML declaration at the start allowed.
class Outline {
 public:
  explicit Outline(std::string_view xml) : xml_(xml) {}

  Result<> check() {
    if (xml_.find('\0') != xml_.npos || !common::is_valid_utf8(xml_))
      return refuse("the message is not UTF-8");
    if (xml_.starts_with("<?xml ")) at_ = std::min(xml_.find("?>"), xml_.size());
    for (at_ = xml_.find('<', at_); at_ != xml_.npos; at_ = xml_.find('<', at_)) {
      const auto rest = xml_.substr(at_);
      if (rest.starts_with("<![CDATA[")) {
        at_ = xml_.find("]]>", at_);
        if (at_ == xml_.npos) return refuse("the message is not well-formed XML");
      } else if (rest.starts_with("<!") || rest.starts_with("<?")) {
        return refuse("the message holds a DTD, a comment or an instruction");
      } else {
        TRY_VOID(pass_tag());
      }
    }
    return common::ok();
  }

 private:
  static Error refuse(std::string what) { return Error(SoapErrc::malformed, std::move(what)); }

  Result<> pass_tag() {
    const auto begin = at_;
    char quote = 0;
    for (++at_;; ++at_) {
      if (at_ >= xml_.size()) return refuse("the message is not well-formed XML");
      if (at_ - begin > kTagBytesMax) return refuse("the message has a tag that is too long");
      const char c = xml_[at_];
      if (quote) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '>') {
        break;
      }
    }
    if (xml_[begin + 1] == '/') {
      --depth_;
    } else {
      if (++elements_ > kElementsMax) return refuse("the message has too many elements");
      if (depth_ >= kMessageDepthMax) return refuse("the message is nested too deeply");
      if (xml_[at_ - 1] != '/') ++depth_;
    }
    return common::ok();
  }

  static constexpr std::size_t kTagBytesMax = 8192, kElementsMax = 400'000;
  std::string_view xml_;
  std::size_t at_ = 0, elements_ = 0;
  int depth_ = 0;
};

// Walks the tree without recursion. What the parser keeps besides elements and text has no
// place in a message.
Result<> check_tree(const xmlNode* root) {
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
      node = node->children;
      continue;
    }
    while (node != root && !node->next) node = node->parent;
    if (node == root) break;
    node = node->next;
  }
  return common::ok();
}

}  // namespace

Result<XmlDocument> read_document(std::string_view xml) {
  if (xml.size() > kMessageBytesMax) return Error(SoapErrc::malformed, "the message is too long");
  TRY_VOID(Outline(xml).check());
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  XmlDocument document(
      xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, "UTF-8", kOptions));
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
