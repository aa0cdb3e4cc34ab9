// What the listings of a bucket's objects share.
#pragma once

#include "walrus/domain/listing.h"
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus {

inline constexpr std::size_t kKeysPerPageMax = 1000;

// The page, when the caller may list the bucket.
Task<ListPage<Object>> object_page(Services& services, Access access, ListQuery query);

// Prefix, delimiter and the rest as they came.
Result<ListQuery> list_query_of(const S3Call& call);

enum class WithOwner { no, yes };
void write_contents(xml::Writer& writer, const Object& object, const KeyText& text,
                    WithOwner with_owner, const Identities& identities);
void write_checksum_kind(xml::Writer& writer, const Object& object);
void write_prefixes(xml::Writer& writer, const std::vector<std::string>& prefixes,
                    const KeyText& text);

}  // namespace angophora::walrus
