// PostObject: a browser's form uploads a file. The form's fields take the place of headers, and the
// policy among them that of a signature.
#pragma once

#include "walrus/s3/operation.h"

namespace angophora::walrus {

bool is_form_upload(const S3Call& call);

// S3Errc::malformed_post_request, invalid_argument, invalid_policy_document, access_denied,
// signature_does_not_match, entity_too_large, entity_too_small, and those of PutObject.
Task<http::Response> answer_form_upload(Services& services, S3Call& call);

}  // namespace angophora::walrus
