#include "walrus/s3/documents.h"

#include "common/base/text.h"
#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kDeleteItemsMax = 1000;
constexpr int kPartNumberMax = 10000;

Error malformed() {
  return Error(S3Errc::malformed_xml,
               "The XML you provided was not well-formed or did not validate against our published "
               "schema");
}

std::string bare(std::string etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    return etag.substr(1, etag.size() - 2);
  return etag;
}

// A key keeps its white space.
std::string exact_text(const xml::Element& element, std::string_view child) {
  const auto* found = element.child(child);
  return found ? found->text : std::string();
}

Result<DeleteConditions> conditions_of(const xml::Element& object) {
  DeleteConditions conditions;
  conditions.etag = object.text_of("ETag");
  if (object.child("Size")) {
    conditions.size_bytes = common::parse_number<std::uint64_t>(object.text_of("Size"));
    if (!conditions.size_bytes) return malformed();
  }
  if (object.child("LastModifiedTime")) {
    const auto text = object.text_of("LastModifiedTime");
    conditions.changed = common::parse_http_date(text);
    if (!conditions.changed) conditions.changed = common::parse_iso8601(text);
    if (!conditions.changed) return malformed();
  }
  return conditions;
}

}  // namespace

Result<DeleteRequest> parse_delete(const xml::Element& root) {
  if (root.name != "Delete") return malformed();
  DeleteRequest request;
  request.quiet = root.text_of("Quiet") == "true";
  for (const auto* object : root.children_named("Object")) {
    if (!object->child("Key")) return malformed();
    TRY(auto conditions, conditions_of(*object));
    request.items.push_back(
        {exact_text(*object, "Key"), object->text_of("VersionId"), std::move(conditions)});
  }
  if (request.items.empty() || request.items.size() > kDeleteItemsMax) return malformed();
  return request;
}

Result<CompleteRequest> parse_complete(const xml::Element& root) {
  if (root.name != "CompleteMultipartUpload") return malformed();
  CompleteRequest request;
  int before = 0;
  for (const auto* part : root.children_named("Part")) {
    const auto number = common::parse_number<int>(part->text_of("PartNumber"));
    if (!number || *number < 1 || *number > kPartNumberMax) return malformed();
    if (*number <= before)
      return Error(
          S3Errc::invalid_part_order,
          "The list of parts was not in ascending order. The parts list must be specified in "
          "order by part number.");
    before = *number;
    CompleteRequest::Item item{*number, bare(part->text_of("ETag")), {}};
    for (const auto kind : kChecksumKinds)
      if (auto value = part->text_of(element_of(kind)); !value.empty())
        item.checksum = StoredChecksum{kind, false, std::move(value)};
    request.items.push_back(std::move(item));
  }
  if (request.items.empty()) return malformed();
  return request;
}

}  // namespace angophora::walrus
