#include "walrus/s3/object_listing.h"

#include "walrus/store/objects.h"

namespace angophora::walrus {

Task<ListPage<Object>> object_page(Services& services, Access access, ListQuery query) {
  auto find = [access, query](Tx& tx) -> Result<ListPage<Object>> {
    TRY_VOID(find_bucket(tx, access, Permission::read));
    return Objects(tx).list(access.bucket, query);
  };
  co_return co_await services.db.read(std::move(find));
}

Result<ListQuery> list_query_of(const S3Call& call) {
  ListQuery query;
  query.prefix = call.parameter_or_empty("prefix");
  query.delimiter = call.parameter_or_empty("delimiter");
  // Ours is ordered at no cost; where others would not be, they have no delimiter.
  if (call.parameter_or_empty("allow-unordered") == "true" && !query.delimiter.empty())
    return Error(S3Errc::invalid_argument, "An unordered listing cannot have a delimiter.");
  TRY(query.count_max, count_parameter(call, "max-keys", kKeysPerPageMax, kKeysPerPageMax));
  return query;
}

void write_checksum_kind(xml::Writer& writer, const Object& object) {
  if (!object.checksum) return;
  writer.element("ChecksumAlgorithm", to_string(object.checksum->kind));
  writer.element("ChecksumType", object.checksum->composite ? "COMPOSITE" : "FULL_OBJECT");
}

void write_contents(xml::Writer& writer, const Object& object, const KeyText& text,
                    WithOwner with_owner, const Identities& identities) {
  writer.open("Contents").element("Key", text(object.key));
  writer.element("LastModified", listed_time(object.changed))
      .element("ETag", quoted_etag(object.etag));
  write_checksum_kind(writer, object);
  writer.element("Size", object.size_bytes);
  if (with_owner == WithOwner::yes) write_account(writer, "Owner", object.acl.owner, identities);
  writer.element("StorageClass", object.storage_class.empty() ? "STANDARD" : object.storage_class);
  writer.close();
}

void write_prefixes(xml::Writer& writer, const std::vector<std::string>& prefixes,
                    const KeyText& text) {
  for (const auto& prefix : prefixes)
    writer.open("CommonPrefixes").element("Prefix", text(prefix)).close();
}

}  // namespace angophora::walrus
