// ListObjectVersions: of a bucket without versioning, where every object is its only version,
// "null".
#include "walrus/s3/object_listing.h"

namespace angophora::walrus {
namespace {

void write_version(xml::Writer& writer, const Object& object, const KeyText& text,
                   const Identities& identities) {
  writer.open("Version").element("Key", text(object.key)).element("VersionId", "null");
  writer.element("IsLatest", true).element("LastModified", listed_time(object.changed));
  writer.element("ETag", quoted_etag(object.etag)).element("Size", object.size_bytes);
  write_account(writer, "Owner", object.acl.owner, identities);
  writer.element("StorageClass", "STANDARD").close();
}

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY(const auto text, KeyText::of(call));
  CO_TRY(auto query, list_query_of(call));
  query.after_key = call.parameter_or_empty("key-marker");
  const Access access(call);
  CO_TRY(const auto page, co_await list_objects(s, access, query));
  auto writer = start_xml("ListVersionsResult");
  writer.element("Name", access.bucket).element("Prefix", text(query.prefix));
  writer.element("KeyMarker", text(query.after_key));
  writer.element("VersionIdMarker", call.parameter_or_empty("version-id-marker"));
  if (page.truncated)
    writer.element("NextKeyMarker", text(page.next_key)).element("NextVersionIdMarker", "null");
  writer.element("MaxKeys", query.count_max);
  if (!query.delimiter.empty()) writer.element("Delimiter", text(query.delimiter));
  if (text.encoded()) writer.element("EncodingType", "url");
  writer.element("IsTruncated", page.truncated);
  const auto identities = s.identities.identities();
  for (const auto& object : page.rows) write_version(writer, object, text, *identities);
  write_prefixes(writer, page.prefixes, text);
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation ListObjectVersions{.name = "ListObjectVersions",
                                            .method = "GET",
                                            .resource = Resource::bucket,
                                            .permission = "s3:ListBucketVersions",
                                            .selector = "versions",
                                            .run = run};

}  // namespace angophora::walrus
