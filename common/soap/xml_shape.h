// Elements that must have one exact shape: these attributes, these children, nothing else. What
// differs is SoapErrc::malformed (or bad_signature for an algorithm) and named. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/soap/fault.h"
#include "common/soap/xml_document.h"

namespace angophora::soap {

Error malformed(std::string what);
Error bad_signature(std::string what);

std::string_view name_of(const xmlNode* node);

struct AttributeName {
  std::string_view name_space, name;
};

// The element has `required`, each not empty, perhaps `optional`, and no other attribute. The
// values come in that order, "" for one that is not there.
Result<std::vector<std::string>> exact_attributes(const xmlNode* node,
                                                  std::vector<AttributeName> required,
                                                  std::vector<AttributeName> optional = {});

// The children are exactly these, in this order, with nothing but white space between them.
struct ChildName {
  std::string_view name_space, name;
};
Result<std::vector<xmlNode*>> exact_children(const xmlNode* parent, std::vector<ChildName> want);

// The text of an element without children, 1 to `bytes_max` bytes.
Result<std::string> leaf_text(const xmlNode* node, std::size_t bytes_max = 4096);

// Letters, digits, '-', '_' and '.'; at most 128.
bool is_plain_id(std::string_view id);

}  // namespace angophora::soap
