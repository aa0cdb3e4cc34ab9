// GetObjectAttributes: those that x-amz-object-attributes asks for.
#include <algorithm>

#include "common/base/text.h"
#include "walrus/s3/access.h"
#include "walrus/s3/encryption.h"
#include "walrus/s3/object_headers.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::get_object_attributes {
namespace {

constexpr std::size_t kPartsPerPageMax = 1000;

void write_checksum(xml::Writer& writer, const Object& object) {
  if (!object.checksum) return;
  writer.open("Checksum").element(element_of(object.checksum->kind), object.checksum->value);
  writer.element("ChecksumType", object.checksum->composite ? "COMPOSITE" : "FULL_OBJECT").close();
}

// Which parts to list: x-amz-max-parts and x-amz-part-number-marker.
struct PartPage {
  std::size_t count_max = kPartsPerPageMax;
  int after = 0;
};

Result<PartPage> part_page_of(const S3Call& call) {
  PartPage page;
  if (const auto text = call.header("x-amz-max-parts"); !text.empty()) {
    const auto count = common::parse_number<std::uint32_t>(text);
    if (!count) return Error(S3Errc::invalid_argument, "x-amz-max-parts is not a number");
    page.count_max = std::min<std::size_t>(*count, kPartsPerPageMax);
  }
  if (const auto text = call.header("x-amz-part-number-marker"); !text.empty()) {
    const auto after = common::parse_number<int>(text);
    if (!after) return Error(S3Errc::invalid_argument, "x-amz-part-number-marker is not a number");
    page.after = *after;
  }
  return page;
}

void write_parts(xml::Writer& writer, const Object& object, const PartPage& page) {
  if (object.parts.empty()) return;
  std::vector<ObjectPart> listed;
  bool truncated = false;
  for (const auto& part : object.parts) {
    if (part.number <= page.after) continue;
    truncated = listed.size() == page.count_max;
    if (truncated) break;
    listed.push_back(part);
  }
  writer.open("ObjectParts").element("PartsCount", object.parts.size());
  writer.element("PartNumberMarker", page.after);
  if (!listed.empty()) writer.element("NextPartNumberMarker", listed.back().number);
  writer.element("MaxParts", page.count_max).element("IsTruncated", truncated);
  for (const auto& part : listed) {
    writer.open("Part").element("PartNumber", part.number).element("Size", part.size_bytes);
    if (object.checksum && !part.checksum.empty())
      writer.element(element_of(object.checksum->kind), part.checksum);
    writer.close();
  }
  writer.close();
}

Result<> write_attribute(xml::Writer& writer, std::string_view name, const Object& object,
                         const PartPage& page) {
  if (name == "ETag") {
    writer.element("ETag", object.etag);
  } else if (name == "Checksum") {
    write_checksum(writer, object);
  } else if (name == "ObjectParts") {
    write_parts(writer, object, page);
  } else if (name == "StorageClass") {
    writer.element("StorageClass",
                   object.storage_class.empty() ? "STANDARD" : object.storage_class);
  } else if (name == "ObjectSize") {
    writer.element("ObjectSize", object.size_bytes);
  } else {
    return Error(S3Errc::invalid_argument, "Invalid attribute name specified.");
  }
  return common::ok();
}

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) -> Result<Object> {
    TRY_VOID(find_object(tx, access, Permission::read));
    return find_object(tx, access.about("s3:GetObjectAttributes", access.key), Permission::read);
  };
  CO_TRY(const auto object, co_await s.db.read(std::move(find)));
  CO_TRY_VOID(refuse_marker(call, object));
  CO_TRY_VOID(open_data_key(s, call, object.encryption, kOfTarget));
  CO_TRY(const auto page, part_page_of(call));
  auto writer = start_xml("GetObjectAttributesResponse");
  for (const auto& header : call.http.headers.all("x-amz-object-attributes"))
    for (const auto part : common::split(header, ','))
      CO_TRY_VOID(write_attribute(writer, common::trim(part), object, page));
  auto response = xml_reply(std::move(writer));
  add_version_header(object, response.headers);
  response.headers.add("Last-Modified", common::format_http_date(object.changed));
  co_return response;
}

}  // namespace

extern const S3Operation GetObjectAttributes{.name = "GetObjectAttributes",
                                             .method = "GET",
                                             .resource = Resource::object,
                                             .permission = "s3:GetObject",
                                             .selector = "attributes",
                                             .run = run};

}  // namespace angophora::walrus::get_object_attributes
