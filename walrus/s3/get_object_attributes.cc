// GetObjectAttributes: those that x-amz-object-attributes asks for.
#include "common/base/text.h"
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"
#include "walrus/s3/serve_object.h"

namespace angophora::walrus {
namespace {

void write_checksum(xml::Writer& writer, const Object& object) {
  if (!object.checksum) return;
  writer.open("Checksum").element(element_of(object.checksum->kind), object.checksum->value);
  writer.element("ChecksumType", object.checksum->composite ? "COMPOSITE" : "FULL_OBJECT").close();
}

void write_parts(xml::Writer& writer, const Object& object) {
  if (object.parts.empty()) return;
  writer.open("ObjectParts").element("TotalPartsCount", object.parts.size()).close();
}

Result<> write_attribute(xml::Writer& writer, std::string_view name, const Object& object) {
  if (name == "ETag") {
    writer.element("ETag", object.etag);
  } else if (name == "Checksum") {
    write_checksum(writer, object);
  } else if (name == "ObjectParts") {
    write_parts(writer, object);
  } else if (name == "StorageClass") {
    writer.element("StorageClass", "STANDARD");
  } else if (name == "ObjectSize") {
    writer.element("ObjectSize", object.size_bytes);
  } else {
    return Error(S3Errc::invalid_argument, "Invalid attribute name specified.");
  }
  return common::ok();
}

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY_VOID(check_version(call));
  const Access access(call);
  auto find = [access](Tx& tx) { return find_object(tx, access, Permission::read); };
  CO_TRY(const auto object, co_await s.db.read(std::move(find)));
  auto writer = start_xml("GetObjectAttributesResponse");
  for (const auto& header : call.http.headers.all("x-amz-object-attributes"))
    for (const auto part : common::split(header, ','))
      CO_TRY_VOID(write_attribute(writer, common::trim(part), object));
  auto response = xml_reply(std::move(writer));
  response.headers.add("Last-Modified", common::format_http_date(object.changed));
  co_return response;
}

}  // namespace

extern const S3Operation GetObjectAttributes{.name = "GetObjectAttributes",
                                             .method = "GET",
                                             .resource = Resource::object,
                                             .selector = "attributes",
                                             .run = run};

}  // namespace angophora::walrus
