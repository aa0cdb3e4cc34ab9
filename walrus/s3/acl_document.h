// Access lists in requests and answers: x-amz-acl, x-amz-grant-*, AccessControlPolicy documents.
#pragma once

#include "common/xml/reader.h"
#include "walrus/domain/acl.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// The list that the headers of a request that makes something ask for; private when they say
// nothing. `bucket_owner` is empty for a bucket. S3Errc::invalid_argument, invalid_request.
Result<Acl> acl_of_headers(const S3Call& call, std::string owner, std::string bucket_owner);
bool has_acl_headers(const S3Call& call);

// The list of a PUT ?acl: headers or a document that keeps `current`'s owner.
// S3Errc::malformed_acl, access_denied (another owner), invalid_argument (unknown grantee).
Result<Acl> acl_of_document(const xml::Element& root, const Acl& current,
                            const Identities& identities);

http::Response acl_reply(const Acl& acl, const Identities& identities);

}  // namespace angophora::walrus
