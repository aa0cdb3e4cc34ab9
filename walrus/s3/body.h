// What a request says about its body, and bodies that are documents.
#pragma once

#include <optional>

#include "common/xml/reader.h"
#include "walrus/domain/object.h"
#include "walrus/objects/body_check.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// What x-amz-checksum-* headers are about: in CompleteMultipartUpload not the body.
enum class ChecksumOf { body, object };

// Framing, length, digests and checksums that the headers promise.
// S3Errc::invalid_digest, invalid_request, missing_content_length, entity_too_large.
Result<BodyPromise> promise_of(const S3Call& call, ChecksumOf checksum_of = ChecksumOf::body);

// The checked body of a request that carries a document of at most `bytes_max` bytes.
Task<std::string> read_document(S3Call& call, std::size_t bytes_max,
                                ChecksumOf checksum_of = ChecksumOf::body);
// The same as XML. S3Errc::malformed_xml.
Task<xml::Element> read_xml(S3Call& call, std::size_t bytes_max,
                            ChecksumOf checksum_of = ChecksumOf::body);
// Value of the one x-amz-checksum-* header, checked for its form; nothing when there is none.
Result<std::optional<StoredChecksum>> checksum_header_of(const S3Call& call);

}  // namespace angophora::walrus
