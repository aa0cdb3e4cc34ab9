// Where records of requests to a bucket go, and whether they may.
#pragma once

#include "walrus/documents/logging.h"
#include "walrus/s3/access.h"

namespace angophora::walrus {

// The bucket that `rule` names, when it lets the records of `source` in.
// S3Errc::no_such_key when it is not there; access_denied.
Result<Bucket> find_log_target(Tx& tx, const LoggingRule& rule, const Bucket& source,
                               const AccountNumbers& numbers, common::SysTime now);

}  // namespace angophora::walrus
