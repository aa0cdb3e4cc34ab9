// What the access log of a bucket is told about one request.
#pragma once

#include "walrus/logging/access_log.h"

namespace angophora::walrus {

// Lines about an answered call on a bucket that has an access log. `operation` is "" when none was
// found, `error_code` when it was done.
std::string access_lines(const AccessLog::Source& source, const S3Call& call,
                         std::string_view operation, std::string_view error_code,
                         const http::Response& response, common::Duration took,
                         common::SysTime now);

}  // namespace angophora::walrus
