// What the audit log is told of a call.
#pragma once

#include "common/audit/record.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

audit::Call audit_call(const S3Call& call, std::string_view operation);

}  // namespace angophora::walrus
