// What ModifyPropertyValue and ResetPropertyValue share.
#pragma once

#include "clc/actions/action.h"

namespace angophora::clc::actions {

// Gives a property a value, or its default again; the answer tells the value before and after.
// RequestErrc::invalid_value for a name that there is not, with the nearest that there is.
Task<Reply> set_property(Services& s, Caller caller, std::string name,
                         std::optional<std::string> value);

}  // namespace angophora::clc::actions
