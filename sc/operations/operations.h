// One function per operation, declared from the list.
#pragma once

#include "sc/operations/services.h"

namespace angophora::sc {

#define OPERATION(Name, role, function)                                 \
  Task<soap::storage::Name::Reply> function(Services& s, Caller caller, \
                                            soap::storage::Name::Request request);
#include "sc/operations/operations.inc"
#undef OPERATION

storage__snapshot wire_form(const Snapshot& snapshot, int percent);

}  // namespace angophora::sc
