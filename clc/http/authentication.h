// From a signature to the caller.
#pragma once

#include "clc/domain/caller.h"
#include "clc/services.h"
#include "common/http/http.h"
#include "common/sigv/verify.h"

namespace angophora::clc {

// The parts of `request` that a signature covers.
sigv::SignedRequest signed_request(const http::Request& request, const std::string& body,
                                   bool is_form);

// Fills account, user or session, and key into `caller`. sigv::SigErrc, or IdentityErrc for a key
// that is unknown or switched off, and for a session that is over.
Task<Caller> authenticate(Services& s, sigv::SignedRequest request, Caller caller);

}  // namespace angophora::clc
