// Whether a bucket's policy lets everybody in. Pure.
#pragma once

#include <string_view>

namespace angophora::walrus {

// True when a statement allows something to everybody and no condition narrows who that is to fixed
// accounts, users, networks and the like. `json` is a policy that was accepted.
bool is_public_policy(std::string_view json);

}  // namespace angophora::walrus
