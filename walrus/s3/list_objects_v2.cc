// ListObjectsV2: a page of a bucket's keys, continued by an opaque token.
#include "common/base/encoding.h"
#include "walrus/s3/object_listing.h"

namespace angophora::walrus::list_objects_v2 {
namespace {

// A token is the last thing of the page before, so that it never goes stale.
Result<std::string> after_key_of(const S3Call& call) {
  const auto token = call.parameter("continuation-token");
  if (!token || token->empty()) return call.parameter_or_empty("start-after");
  auto key = common::base64_decode(*token);
  if (!key || key->empty())
    return Error(S3Errc::invalid_argument, "The continuation token provided is incorrect");
  return std::move(*key);
}

Task<http::Response> run(Services& s, S3Call& call) {
  if (call.parameter_or_empty("list-type") != "2")
    co_return Error(S3Errc::invalid_argument, "Invalid List Type specified in Request");
  CO_TRY(const auto text, KeyText::of(call));
  CO_TRY(auto query, list_query_of(call));
  CO_TRY(query.after_key, after_key_of(call));
  const Access access(call);
  CO_TRY(const auto page, co_await object_page(s, access, query));
  auto writer = start_xml("ListBucketResult");
  writer.element("Name", access.bucket).element("Prefix", text(query.prefix));
  if (call.parameter("continuation-token"))
    writer.element("ContinuationToken", *call.parameter("continuation-token"));
  if (page.truncated) writer.element("NextContinuationToken", common::base64_encode(page.next_key));
  if (call.parameter("start-after"))
    writer.element("StartAfter", text(*call.parameter("start-after")));
  writer.element("KeyCount", page.rows.size() + page.prefixes.size());
  writer.element("MaxKeys", query.count_max);
  if (!query.delimiter.empty()) writer.element("Delimiter", text(query.delimiter));
  if (text.encoded()) writer.element("EncodingType", "url");
  writer.element("IsTruncated", page.truncated);
  const bool owners = call.parameter_or_empty("fetch-owner") == "true";
  const auto identities = s.identities.identities();
  for (const auto& object : page.rows)
    write_contents(writer, object, text, owners ? WithOwner::yes : WithOwner::no, *identities);
  write_prefixes(writer, page.prefixes, text);
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation ListObjectsV2{.name = "ListObjectsV2",
                                       .method = "GET",
                                       .resource = Resource::bucket,
                                       .permission = "s3:ListBucket",
                                       .selector = "list-type",
                                       .run = run};

}  // namespace angophora::walrus::list_objects_v2
