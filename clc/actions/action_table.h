// All actions, collected from actions.inc.
#pragma once

#include <span>

#include "clc/actions/action.h"

namespace angophora::clc {

std::span<const Action* const> all_actions();
// The action of that name; `api` decides when several APIs have one of that name, nullptr when
// there is none.
const Action* find_action(Api api, std::string_view name);
// The first of that name in any API.
const Action* find_action(std::string_view name);

}  // namespace angophora::clc
