// One function per operation, declared from the list.
#pragma once

#include "sc/operations/services.h"

namespace angophora::sc {

#define OPERATION(Name, role, function)                                 \
  Task<soap::storage::Name::Reply> function(Services& s, Caller caller, \
                                            soap::storage::Name::Request request);
#include "sc/operations/operations.inc"
#undef OPERATION

}  // namespace angophora::sc
