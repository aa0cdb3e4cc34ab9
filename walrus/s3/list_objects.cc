// ListObjects: a page of a bucket's keys, continued by marker.
#include "walrus/s3/object_listing.h"

namespace angophora::walrus::list_objects {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY(const auto text, KeyText::of(call));
  CO_TRY(auto query, list_query_of(call));
  query.after_key = call.parameter_or_empty("marker");
  const Access access(call);
  CO_TRY(const auto page, co_await object_page(s, access, query));
  auto writer = start_xml("ListBucketResult");
  // The prefix is never encoded in this version: clients do not decode it.
  writer.element("Name", access.bucket).element("Prefix", query.prefix);
  writer.element("Marker", text(query.after_key));
  if (page.truncated && !query.delimiter.empty()) writer.element("NextMarker", text(page.next_key));
  writer.element("MaxKeys", query.count_max);
  if (!query.delimiter.empty()) writer.element("Delimiter", text(query.delimiter));
  if (text.encoded()) writer.element("EncodingType", "url");
  writer.element("IsTruncated", page.truncated);
  const auto identities = s.identities.identities();
  for (const auto& object : page.rows)
    write_contents(writer, object, text, WithOwner::yes, *identities);
  write_prefixes(writer, page.prefixes, text);
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation ListObjects{.name = "ListObjects",
                                     .method = "GET",
                                     .resource = Resource::bucket,
                                     .permission = "s3:ListBucket",
                                     .run = run};

}  // namespace angophora::walrus::list_objects
