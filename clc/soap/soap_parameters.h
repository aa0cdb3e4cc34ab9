// From the element in a message's Body to the parameters that the same request has in the Query
// API, by the shape of the action's message (element_names.h).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "clc/actions/action.h"
#include "clc/soap/element_names.h"
#include "common/xml/reader.h"

namespace angophora::clc {

using QueryPairs = std::vector<std::pair<std::string, std::string>>;

// RequestErrc::unknown_parameter for an element that the action does not know, invalid_value for
// one that does not hold what it should; both name it by its path.
Result<QueryPairs> query_of_message(const Action& action, const xml::Element& message);

}  // namespace angophora::clc
