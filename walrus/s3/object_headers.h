// The headers that are kept with an object, and those that an object is served with.
#pragma once

#include "walrus/domain/conditions.h"
#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// Content headers and user metadata that the request wants kept. S3Errc::metadata_too_large.
Result<StoredHeaders> headers_to_keep(const S3Call& call);
// "" is STANDARD. S3Errc::invalid_storage_class.
Result<std::string> storage_class_of(const S3Call& call);

// x-amz-version-id, of a version that has an id of its own.
void add_version_header(const Object& object, http::Headers& headers);

// Everything that describes `object`: type, metadata, ETag, Last-Modified. Content-Length is the
// server's business. response-* parameters of a signed GET replace content headers.
// S3Errc::invalid_request for response-* in an unsigned one.
Result<http::Headers> headers_to_serve(const S3Call& call, const Object& object);

// The checksum's header, when the client asks for it with x-amz-checksum-mode.
void add_checksum_headers(const StoredChecksum& checksum, http::Headers& headers);

// If-Match and its kin; `prefix` is x-amz-copy-source- for a copy's source.
Conditions conditions_of(const S3Call& call, std::string_view prefix = {});

// If-Match and If-None-Match of a write, judged inside of its transaction.
struct WriteConditions {
  explicit WriteConditions(const S3Call& call);
  // S3Errc::precondition_failed, no_such_key (If-Match without an object), not_implemented.
  Result<> judge(const std::optional<Object>& there) const;
  std::string if_match, if_none_match;
};

}  // namespace angophora::walrus
