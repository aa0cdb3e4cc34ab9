// ListObjectVersions: all versions and delete markers, by key and then from the newest on.
#include "walrus/s3/object_listing.h"
#include "walrus/store/objects.h"

namespace angophora::walrus::list_object_versions {
namespace {

void write_version(xml::Writer& writer, const Object& object, const KeyText& text,
                   const Identities& identities) {
  writer.open(object.delete_marker ? "DeleteMarker" : "Version");
  writer.element("Key", text(object.key)).element("VersionId", object.version);
  writer.element("IsLatest", object.is_latest);
  writer.element("LastModified", listed_time(object.changed));
  if (!object.delete_marker) {
    writer.element("ETag", quoted_etag(object.etag));
    write_checksum_kind(writer, object);
    writer.element("Size", object.size_bytes);
    writer.element("StorageClass",
                   object.storage_class.empty() ? "STANDARD" : object.storage_class);
  }
  write_account(writer, "Owner", object.acl.owner, identities);
  writer.close();
}

struct Page {
  ListPage<Object> page;
  std::string next_version;
};

// A marker is a version's id; the rows are in the order of ranks.
Task<Page> find_page(Services& s, Access access, ListQuery query, std::string version_marker) {
  auto find = [access, query, version_marker](Tx& tx) mutable -> Result<Page> {
    TRY_VOID(find_bucket(tx, access, Permission::read));
    Objects objects(tx);
    if (!version_marker.empty()) {
      TRY(const auto there, objects.find_version(access.bucket, query.after_key, version_marker));
      if (!there) return Error(S3Errc::invalid_argument, "Invalid version id specified");
      query.after_sub = std::to_string(there->rank);
    }
    Page found;
    TRY(found.page, objects.list_versions(access.bucket, query));
    if (!found.page.rows.empty() && found.page.rows.back().key == found.page.next_key)
      found.next_version = found.page.rows.back().version;
    return found;
  };
  co_return co_await s.db.read(std::move(find));
}

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY(const auto text, KeyText::of(call));
  CO_TRY(auto query, list_query_of(call));
  query.after_key = call.parameter_or_empty("key-marker");
  const auto version_marker = call.parameter_or_empty("version-id-marker");
  if (!version_marker.empty() && query.after_key.empty())
    co_return Error(S3Errc::invalid_argument,
                    "A version-id marker cannot be specified without a key marker.");
  const Access access(call);
  CO_TRY(const auto found, co_await find_page(s, access, query, version_marker));
  const auto& page = found.page;
  auto writer = start_xml("ListVersionsResult");
  writer.element("Name", access.bucket).element("Prefix", text(query.prefix));
  writer.element("KeyMarker", text(query.after_key));
  writer.element("VersionIdMarker", version_marker);
  if (page.truncated) {
    writer.element("NextKeyMarker", text(page.next_key));
    if (!found.next_version.empty()) writer.element("NextVersionIdMarker", found.next_version);
  }
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

}  // namespace angophora::walrus::list_object_versions
