// What browsers ask before and beside a request from a page of another site.
#pragma once

#include "walrus/s3/operation.h"

namespace angophora::walrus {

// Answers OPTIONS. S3Errc::bad_request, access_forbidden.
Task<http::Response> answer_preflight(Services& services, const S3Call& call);

// Adds what a browser must see before it lets the page at the answer. Nothing without Origin or a
// rule that fits.
boost::asio::awaitable<void> add_cors_headers(Services& services, const S3Call& call,
                                              http::Response& response);

}  // namespace angophora::walrus
