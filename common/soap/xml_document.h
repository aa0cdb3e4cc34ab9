// Messages as libxml2 trees, for canonicalisation and for looking at exact positions. Any thread.
#pragma once

#include <libxml/tree.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/give_back.h"
#include "common/base/result.h"

namespace angophora::soap {

using XmlDocument = std::unique_ptr<xmlDoc, common::GiveBack<xmlFreeDoc>>;

inline constexpr std::string_view kSoapSpace = "http://schemas.xmlsoap.org/soap/envelope/";
inline constexpr std::string_view kTypesSpace = "urn:angophora:types:1";

// Reads a message of at most kMessageBytesMax bytes and kMessageDepthMax levels. A DTD, an entity
// of its own, a processing instruction or anything that is not well-formed UTF-8 is
// SoapErrc::malformed.
common::Result<XmlDocument> read_document(std::string_view xml);

bool is_element(const xmlNode* node, std::string_view name_space, std::string_view name);
std::vector<xmlNode*> element_children(const xmlNode* parent);
// All text below `node`.
std::string text_of(const xmlNode* node);
// The only child element of that name; null when there is none or more than one.
xmlNode* only_child(const xmlNode* parent, std::string_view name_space, std::string_view name);

// True when `parent` holds, besides elements, nothing but white space.
bool only_space_between(const xmlNode* parent);

// `text` as canonical XML writes it inside an element. What XML cannot hold becomes '?'.
std::string canonical_text(std::string_view text);

// `node` with all below it in exclusive canonical form, without comments.
std::string canonical(xmlDoc* document, xmlNode* node);

}  // namespace angophora::soap
