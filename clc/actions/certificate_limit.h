// A certificate for a user, as long as he may have one more.
#pragma once

#include "clc/actions/iam.h"

namespace angophora::clc::actions {

// IdentityErrc::limit_exceeded, or certificate_used when anybody has it.
Result<> insert_certificate(Tx& tx, const UserCertificate& certificate, std::int64_t count_max);

}  // namespace angophora::clc::actions
