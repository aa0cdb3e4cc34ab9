// What the audit log is told of a request.
#pragma once

#include "clc/http/incoming.h"
#include "common/audit/record.h"

namespace angophora::clc {

// Who asked; also for the log of other daemons' requests.
audit::Identity audit_identity(const Caller& caller);

// Of a request whose caller is known.
audit::Call audit_call(const Incoming& in, const http::Request& request,
                       const Result<Reply>& outcome, const std::string& region);

// Without what belongs to protocol and signature.
audit::Members audit_parameters(const audit::Members& sent);

}  // namespace angophora::clc
