// Whether the caller may: the one place of the cloud controller that decides (common/policy).
#pragma once

#include "clc/actions/action.h"
#include "clc/http/policy_book.h"
#include "common/http/http.h"
#include "common/policy/context.h"

namespace angophora::clc {

// What policies may ask of any request: where it came from and how.
policy::Facts facts_of(const http::Request& request);

// RequestErrc::not_permitted, with a sentence that names who, what and on which object. The account
// of the cloud's administrators alone calls their actions; its root, until there is more.
Task<> authorize(Services& s, PolicyBook& book, const Action& action, Caller caller,
                 Parameters parameters, policy::Facts facts);

}  // namespace angophora::clc
