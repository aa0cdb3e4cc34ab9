// Who sends a request: checks its signature against the key it names.
#pragma once

#include "walrus/s3/operation.h"

namespace angophora::walrus {

// A refusal, with what helps the client to find its mistake in a signature.
struct Refusal {
  Error error;
  std::vector<std::pair<std::string, std::string>> details;  // elements of the error body
};

// Fills in caller, claim and secret. Nothing when the request is unsigned or rightly signed.
// S3Errc::signature_does_not_match, invalid_access_key_id, request_time_too_skewed,
// access_denied (expired), authorization_header_malformed, ...
boost::asio::awaitable<std::optional<Refusal>> authenticate(Services& services, S3Call& call);

// Whose credential the signature was made with.
void set_caller(S3Call& call, Credential known);

}  // namespace angophora::walrus
