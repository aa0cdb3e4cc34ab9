// The tags of a bucket or an object as a document.
#pragma once

#include "walrus/documents/shape.h"
#include "walrus/domain/object.h"

namespace angophora::walrus {

extern const Shape kTaggingShape;
// What check_tags() says.
common::Result<> check_bucket_tagging(const xml::Element& root);
// The tags of a document of that shape.
Tags tags_of(const xml::Element& root);
// As inside of a TagSet.
std::string tag_set_xml(const Tags& tags);

}  // namespace angophora::walrus
