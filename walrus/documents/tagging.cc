#include "walrus/documents/tagging.h"

#include "common/xml/writer.h"
#include "walrus/domain/tags.h"

namespace angophora::walrus {
namespace {

using Holds = Shape::Holds;

constexpr std::size_t kTagsMax = 100;  // check_tags() is stricter, and says so
constexpr Shape kTag[] = {{"Key", 1, 1}, {"Value", 1, 1, Holds::text, {}, {}, 2048}};
constexpr Shape kSet[] = {{"Tag", 0, kTagsMax, Holds::elements, {}, kTag}};
constexpr Shape kTagging[] = {{"TagSet", 1, 1, Holds::elements, {}, kSet}};

}  // namespace

const Shape kTaggingShape{"Tagging", 1, 1, Holds::elements, {}, kTagging};

common::Result<> check_bucket_tagging(const xml::Element& root) {
  return check_tags(tags_of(root), kBucketTagsMax);
}

Tags tags_of(const xml::Element& root) {
  Tags tags;
  if (const auto* set = root.child("TagSet"))
    for (const auto* tag : set->children_named("Tag"))
      tags.emplace_back(tag->child("Key")->text, tag->child("Value")->text);
  return tags;
}

std::string tag_set_xml(const Tags& tags) {
  xml::Writer writer(xml::Writer::Declaration::no);
  for (const auto& [name, value] : tags)
    writer.open("Tag").element("Key", name).element("Value", value).close();
  return std::move(writer).finish();
}

}  // namespace angophora::walrus
